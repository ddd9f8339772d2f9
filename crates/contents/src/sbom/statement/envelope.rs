//! What lies around a statement: a DSSE envelope, and a sigstore bundle around that. Their signatures
//! are passed over.

use base64::{engine::GeneralPurpose, read::DecoderReader};
use ecr_promoter_core::Digest;
use serde::de::{IgnoredAny, MapAccess};

use super::{BUNDLE, IN_TOTO, NoSbom, Unwrapped, statement, text, wrong_type};
use crate::sbom::{
    error::{SbomError, shortened},
    place::{At, Keys, Place, Problem},
};

/// What is gathered from an envelope.
#[derive(Default)]
pub(super) struct EnvelopeParts {
    problem: Problem,
    payload_type: Option<String>,
    /// What the payload comes to, if it is a statement.
    payload: Option<Result<Unwrapped, SbomError>>,
}

impl EnvelopeParts {
    pub(super) fn finish(self) -> Result<Unwrapped, SbomError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        match self.payload_type {
            None => Err(SbomError::Missing("payloadType")),
            Some(found) if found != IN_TOTO => {
                Ok(Unwrapped::NoSbom(NoSbom::PayloadType(shortened(&found))))
            }
            Some(_) => self.payload.unwrap_or(Err(SbomError::Missing("payload"))),
        }
    }
}

/// A DSSE envelope.
pub(super) struct Envelope<'a> {
    pub(super) into: &'a mut EnvelopeParts,
    pub(super) subjects: &'a [Digest],
}

impl<'de> Place<'de> for Envelope<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "envelope", "an object", found);
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { into, subjects } = self;
        let mut keys = Keys::new(&["payloadType", "payload"]);
        while let Some(key) = keys.next(&mut object, &mut into.problem)? {
            if key == "payloadType" {
                let seed = text(key, &mut into.payload_type, &mut into.problem);
                object.next_value_seed(seed)?;
            } else {
                object.next_value_seed(At(Payload { into, subjects }))?;
            }
        }
        Ok(())
    }
}

/// The payload, decoded and read where the parser holds it: it is never held twice.
struct Payload<'a> {
    into: &'a mut EnvelopeParts,
    subjects: &'a [Digest],
}

impl Place<'_> for Payload<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "payload", "a string", found);
    }

    fn text(self, text: &str) {
        let decoder = DecoderReader::new(text.as_bytes(), engine(text));
        let read = statement(decoder, self.subjects).map_err(|error| match error {
            SbomError::Unread(_) => SbomError::NotBase64,
            other => other,
        });
        self.into.payload = Some(read);
    }
}

/// Either alphabet, with or without padding (DSSE protocol, "Serialization").
fn engine(text: &str) -> &'static GeneralPurpose {
    use base64::{
        alphabet,
        engine::{DecodePaddingMode, GeneralPurposeConfig},
    };
    const CONFIG: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, CONFIG);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, CONFIG);
    if text.contains(['-', '_']) {
        &URL_SAFE
    } else {
        &STANDARD
    }
}

/// What is gathered from a bundle.
#[derive(Default)]
pub(super) struct BundleParts {
    problem: Problem,
    media_type: Option<String>,
    has_signature: bool,
    envelope: Option<EnvelopeParts>,
}

impl BundleParts {
    pub(super) fn finish(self) -> Result<Unwrapped, SbomError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let media_type = self.media_type.ok_or(SbomError::Missing("mediaType"))?;
        if !media_type.starts_with(BUNDLE) {
            let what = shortened(&format!("in a bundle of type {media_type:?}"));
            return Err(SbomError::Unsupported(what));
        }
        match self.envelope {
            Some(_) if self.has_signature => Err(SbomError::TwoDocuments),
            Some(envelope) => envelope.finish(),
            None if self.has_signature => Ok(Unwrapped::NoSbom(NoSbom::Signature)),
            None => Err(SbomError::Missing("dsseEnvelope")),
        }
    }
}

/// A sigstore bundle.
pub(super) struct Bundle<'a> {
    pub(super) into: &'a mut BundleParts,
    pub(super) subjects: &'a [Digest],
}

impl<'de> Place<'de> for Bundle<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "bundle", "an object", found);
    }

    fn object<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { into, subjects } = self;
        let mut keys = Keys::new(&["mediaType", "dsseEnvelope", "messageSignature"]);
        while let Some(key) = keys.next(&mut object, &mut into.problem)? {
            match key {
                "mediaType" => {
                    let seed = text(key, &mut into.media_type, &mut into.problem);
                    object.next_value_seed(seed)?;
                }
                "dsseEnvelope" => {
                    let into = into.envelope.insert(EnvelopeParts::default());
                    object.next_value_seed(At(Envelope { into, subjects }))?;
                }
                _ => {
                    into.has_signature = true;
                    object.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}
