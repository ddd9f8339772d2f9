//! What lies around a statement: a DSSE envelope, and a sigstore bundle around that. Their signatures
//! are passed over.

use std::io::{self, Read};

use base64::{
    alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    read::DecoderReader,
};
use ecr_promoter_core::Digest;

use super::{BUNDLE, IN_TOTO, NoSbom, Unwrapped, statement, text};
use crate::{
    json::{Fault, Object, Parts, Place},
    sbom::{
        error::{SbomError, shortened},
        place::{Keys, Problem, wrong_type},
    },
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

impl Place for Envelope<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "envelope", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, subjects } = self;
        let mut keys = Keys::new(&["payloadType", "payload"]);
        while let Some(key) = keys.next(object, &mut into.problem)? {
            if key == "payloadType" {
                let seed = text(key, &mut into.payload_type, &mut into.problem);
                object.value(seed)?;
            } else {
                object.value(Payload { into, subjects })?;
            }
        }
        Ok(())
    }
}

/// The payload, decoded and read where it stands: it is never held.
struct Payload<'a> {
    into: &'a mut EnvelopeParts,
    subjects: &'a [Digest],
}

impl Place for Payload<'_> {
    const TAKES_PARTS: bool = true;

    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "payload", "a string", found);
    }

    fn parts(self, parts: &mut Parts<'_, '_>) {
        let mut decoder = DecoderReader::new(OneAlphabet(&mut *parts), &BASE64);
        let read = statement(&mut decoder, self.subjects);
        let read = match read {
            Err(SbomError::Unread(_)) if !parts.is_broken() => Err(SbomError::NotBase64),
            other => other,
        };
        self.into.payload = Some(read);
    }
}

/// With or without padding (DSSE protocol, "Serialization").
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Base64 in either alphabet (ditto) as the standard one.
struct OneAlphabet<R>(R);

impl<R: Read> Read for OneAlphabet<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        for byte in buffer.iter_mut().take(count) {
            *byte = match *byte {
                b'-' => b'+',
                b'_' => b'/',
                other => other,
            };
        }
        Ok(count)
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

impl Place for Bundle<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "bundle", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, subjects } = self;
        let mut keys = Keys::new(&["mediaType", "dsseEnvelope", "messageSignature"]);
        while let Some(key) = keys.next(object, &mut into.problem)? {
            match key {
                "mediaType" => {
                    let seed = text(key, &mut into.media_type, &mut into.problem);
                    object.value(seed)?;
                }
                "dsseEnvelope" => {
                    let into = into.envelope.insert(EnvelopeParts::default());
                    object.value(Envelope { into, subjects })?;
                }
                _ => {
                    into.has_signature = true;
                }
            }
        }
        Ok(())
    }
}
