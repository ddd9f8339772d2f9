//! Why an image was promoted or not, for people: what each policy decided last, what it would decide now,
//! and where the image came from. Reads what the function reads, decides by the function's own rules,
//! and writes nothing.

mod last;
mod now;
mod origin;
mod push;
mod scene;
mod target;

use ecr_promoter_core::{
    Image, Repository, Time,
    event::Select,
    policy::{PolicyError, PolicyKey},
};
use futures_util::FutureExt as _;

pub use last::Last;
pub use now::{CaseState, ExplainedCase};
pub use origin::{Came, TagOrigin};
pub use push::ExplainedPush;
pub use target::TargetNow;

use crate::{
    failure::Failure,
    function::Function,
    policies::{self, Policies},
};
use scene::Scene;

/// So many pushes of one digest are explained; who wants to see another names its tag.
pub const PUSHES_MAX: usize = 20;

/// What there is to say of an image.
#[derive(Debug)]
pub struct Explanation {
    /// The image.
    pub image: Image,
    /// Whether its repository holds it.
    pub there: bool,
    /// When it was looked at.
    pub now: Time,
    /// Its pushes, that of the tag that was asked for, or those of all tags that stand on it.
    pub pushes: Vec<ExplainedPush>,
    /// How many pushes are not among them.
    pub pushes_left_out: usize,
    /// How many policies have the repository for their source, those with a mistake left out.
    pub policies: usize,
    /// The policies of the repository that have a mistake.
    pub invalid: Vec<(PolicyKey, Vec<PolicyError>)>,
    /// What an administrator has to mend before it can be seen.
    pub failures: Vec<Failure>,
}

/// Explains an image.
pub(crate) async fn explain(
    function: &Function,
    repository: &Repository,
    select: &Select,
) -> Result<Explanation, Failure> {
    let now = function.now();
    let Policies { good, bad } =
        policies::load(&function.policies, repository, function.now()).await?;
    let mut looker = function.clone();
    looker.config.scan_on_demand = false;
    let scene = Scene {
        function: &looker,
        repository,
        policies: &good,
        now,
    };
    let (digest, hints) = scene.hints(select).await?;
    let image = function.image(repository, &digest);
    let mut explanation = Explanation {
        image: image.clone(),
        there: true,
        now,
        pushes: Vec::new(),
        pushes_left_out: hints.len().saturating_sub(PUSHES_MAX),
        policies: good.len(),
        invalid: bad
            .into_iter()
            .map(|bad| (bad.policy, bad.errors))
            .collect(),
        failures: Vec::new(),
    };
    let shown = hints.get(..PUSHES_MAX).unwrap_or(&hints);
    let mut reading = scene.read(image, shown).await?;
    explanation.there = reading.there;
    explanation.pushes = push::all(&scene, shown, &mut reading).boxed().await?;
    explanation.failures = reading.failures.into_values().collect();
    Ok(explanation)
}
