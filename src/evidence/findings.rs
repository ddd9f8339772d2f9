//! The findings of one platform: `DescribeImageScanFindings`, all pages, and a basic scan started
//! if there is none. [`ecr_promoter_core::findings`] says what an answer is worth.

use aws_sdk_ecr::{
    operation::{
        describe_image_scan_findings::{
            DescribeImageScanFindingsError, DescribeImageScanFindingsOutput,
        },
        start_image_scan::StartImageScanError,
    },
    types::{EnhancedImageScanFinding, ImageIdentifier, ImageScanFinding, ImageScanFindings},
};
use aws_smithy_types::DateTime;
use chrono::TimeDelta;
use ecr_promoter_core::{
    Digest, Image, Repository, Time,
    evidence::{Finding, Known, NotYet, Platform, Read},
    findings::{Affected, Answer, Enhanced, Entry, Lookup, State, Terms},
    policy::Unscannable,
};

use crate::{
    ecr::described,
    failure::{Failure, Remedy},
    function::Function,
};

/// Entries of one page (Amazon ECR API reference, `maxResults`).
const PAGE: i32 = 1_000;
/// The most pages of one platform that are read, whatever is on them.
const PAGES_MAX: usize = 200;
/// The most findings of one platform that are read.
const FINDINGS_MAX: usize = 50_000;
/// When a scan that was started is looked at again, if no event reports its end.
const SCAN_TAKES: TimeDelta = TimeDelta::minutes(5);

/// What is known of one platform's findings.
pub(super) struct PlatformFindings {
    pub digest: Digest,
    pub known: Known<Vec<Finding>>,
    /// The scanner does not support the platform, and the administrator accepts that.
    pub unscannable: bool,
}

/// Looks one platform's findings up; `pushed_at` is when its image was pushed, as far as is known.
pub(super) async fn of_platform(
    function: &Function,
    image: &Image,
    platform: Platform,
    pushed_at: Time,
    now: Time,
) -> Result<PlatformFindings, Failure> {
    let (repository, config) = (&image.repository, &function.config);
    let digest = platform.digest;
    let lookup = scan(function, repository, &digest).await?;
    let told = match lookup {
        Lookup::NotFound => told_push(function, repository, &digest).await?,
        Lookup::Found(_) => None,
    };
    let terms = Terms {
        repository,
        pushed_at: told.unwrap_or(pushed_at),
        now,
        settle: TimeDelta::seconds(config.settle_seconds.into()),
        age_max: TimeDelta::days(config.scan_max_age_days.into()),
    };
    let state = State::of(&lookup, &terms);
    let may_ask = matches!(
        state,
        State::NeverScanned { .. } | State::Stale { at: Some(_), .. }
    );
    let asks = may_ask && config.scan_on_demand;
    let (known, unscannable) = if asks && ask_for_a_scan(function, repository, &digest).await? {
        (scan_asked_for(now), false)
    } else {
        let unscannable = state.is_unscannable() && config.unscannable == Unscannable::Accept;
        (state.known(), unscannable)
    };
    Ok(PlatformFindings {
        digest,
        known,
        unscannable,
    })
}

fn scan_asked_for(now: Time) -> Known<Vec<Finding>> {
    Known::NotYet(NotYet {
        reason: "a basic scan was started and has not finished".to_owned(),
        look_at: Some(now + SCAN_TAKES),
        read: Read::default(),
    })
}

/// When ECR says that the image was pushed.
async fn told_push(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
) -> Result<Option<Time>, Failure> {
    let images = described::by_digest(&function.aws, repository, digest).await?;
    Ok(images.into_iter().find_map(|image| image.pushed_at))
}

/// All pages of an answer, joined. A page that cannot be read leaves no answer.
async fn scan(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
) -> Result<Lookup, Failure> {
    let mut answer: Option<Answer> = None;
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let Some(page) = page(function, repository, digest, token.take()).await? else {
            return Ok(Lookup::NotFound);
        };
        token.clone_from(&page.next_token);
        answer = Some(join(answer, page));
        if answer.as_ref().map_or(0, count) > FINDINGS_MAX {
            let said = format!("limit: expected at most {FINDINGS_MAX} findings, found more");
            return Err(Failure::new(Remedy::Never, tried(repository, digest), said));
        }
        if token.is_none() {
            return Ok(answer.map_or(Lookup::NotFound, Lookup::Found));
        }
    }
    let said = format!("limit: expected at most {PAGES_MAX} pages of findings, found more");
    Err(Failure::new(Remedy::Never, tried(repository, digest), said))
}

/// One page; `None` if there is no scan.
async fn page(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
    token: Option<String>,
) -> Result<Option<DescribeImageScanFindingsOutput>, Failure> {
    let sent = function
        .aws
        .ecr
        .describe_image_scan_findings()
        .repository_name(repository.as_str())
        .image_id(id(digest))
        .max_results(PAGE)
        .set_next_token(token)
        .send()
        .await;
    match sent {
        Ok(page) => Ok(Some(page)),
        Err(error)
            if error
                .as_service_error()
                .is_some_and(DescribeImageScanFindingsError::is_scan_not_found_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(Failure::ecr(tried(repository, digest), &error)),
    }
}

fn tried(repository: &Repository, digest: &Digest) -> String {
    format!("read the scan findings of {repository}@{digest}")
}

/// Starts a basic scan; `false` if the registry does not scan so, or may not be asked. A
/// scan that runs already, and the limit of one a day, are answered alike, and mean that there
/// is one (Amazon ECR user guide, "Basic scanning").
async fn ask_for_a_scan(
    function: &Function,
    repository: &Repository,
    digest: &Digest,
) -> Result<bool, Failure> {
    let sent = function
        .aws
        .ecr
        .start_image_scan()
        .repository_name(repository.as_str())
        .image_id(id(digest))
        .send()
        .await;
    let Err(error) = sent else {
        return Ok(true);
    };
    match error.as_service_error() {
        Some(StartImageScanError::LimitExceededException(_)) => Ok(true),
        Some(
            StartImageScanError::ValidationException(_)
            | StartImageScanError::UnsupportedImageTypeException(_)
            | StartImageScanError::ImageArchivedException(_)
            | StartImageScanError::ImageNotFoundException(_),
        ) => Ok(false),
        _ => {
            let failure = Failure::ecr(format!("start a scan of {repository}@{digest}"), &error);
            match failure.remedy() {
                Remedy::Wait => Err(failure),
                Remedy::Mend | Remedy::Never => {
                    tracing::warn!(%failure, "a scan could not be started");
                    Ok(false)
                }
            }
        }
    }
}

fn id(digest: &Digest) -> ImageIdentifier {
    ImageIdentifier::builder()
        .image_digest(digest.as_str())
        .build()
}

/// Joins a page to those before it. Pages with two completion times belong to a list that changed in between:
/// it gets no completion time, so it is not trusted.
fn join(before: Option<Answer>, page: DescribeImageScanFindingsOutput) -> Answer {
    let first = before.is_none();
    let mut answer = before.unwrap_or_default();
    if let Some(status) = page.image_scan_status {
        answer.status = status.status.map(|status| status.as_str().to_owned());
        answer.description = status.description;
    }
    let Some(findings) = page.image_scan_findings else {
        return answer;
    };
    let completed_at = completed_at(&findings);
    if first {
        answer.completed_at = completed_at;
        answer.counted = findings.finding_severity_counts.as_ref().map(|counts| {
            // `TOTAL` is a sum, no severity.
            let each = counts
                .iter()
                .filter(|(severity, _)| severity.as_str() != "TOTAL");
            each.map(|(_, count)| u64::try_from(*count).unwrap_or(0))
                .sum()
        });
    } else if answer.completed_at != completed_at {
        answer.completed_at = None;
    }
    extend(&mut answer.basic, findings.findings, basic);
    extend(&mut answer.enhanced, findings.enhanced_findings, enhanced);
    answer
}

fn completed_at(findings: &ImageScanFindings) -> Option<Time> {
    findings.image_scan_completed_at().and_then(time)
}

fn time(at: &DateTime) -> Option<Time> {
    Time::from_timestamp(at.secs(), at.subsec_nanos())
}

fn extend<T>(list: &mut Option<Vec<Entry>>, page: Option<Vec<T>>, read: impl Fn(&T) -> Entry) {
    if let Some(page) = page {
        list.get_or_insert_default().extend(page.iter().map(read));
    }
}

fn count(answer: &Answer) -> usize {
    let lists = [&answer.basic, &answer.enhanced];
    lists
        .iter()
        .map(|list| list.as_ref().map_or(0, Vec::len))
        .sum()
}

fn basic(finding: &ImageScanFinding) -> Entry {
    let severity = finding
        .severity()
        .map(aws_sdk_ecr::types::FindingSeverity::as_str);
    let attributes = finding
        .attributes()
        .iter()
        .map(|attribute| (attribute.key(), attribute.value()));
    Entry::basic(finding.name(), severity, attributes)
}

fn enhanced(finding: &EnhancedImageScanFinding) -> Entry {
    let details = finding.package_vulnerability_details();
    let id = details
        .and_then(|details| details.vulnerability_id())
        .or(finding.title());
    let packages = details.map_or(&[][..], |details| details.vulnerable_packages());
    let related = details.map_or(&[][..], |details| details.related_vulnerabilities());
    Entry::enhanced(&Enhanced {
        id,
        severity: finding.severity(),
        status: finding.status(),
        fix: finding.fix_available(),
        exploit: finding.exploit_available(),
        related: related.iter().map(String::as_str).collect(),
        first_seen: finding.first_observed_at().and_then(time),
        packages: packages
            .iter()
            .map(|package| Affected {
                name: package.name(),
                version: package.version(),
                fixed: package.fixed_in_version(),
            })
            .collect(),
    })
}
