//! What lies around a statement: a DSSE envelope, and a sigstore bundle around that. Their signatures
//! are passed over.
//!
//! DSSE protocol and envelope 1.0; sigstore bundle format 0.1 to 0.3.

use std::io::{self, Read};

use base64::{
    alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    read::DecoderReader,
};

use super::{
    Label, NoSbom, Piece,
    error::{SbomError, shortened},
    place::{Keys, Problem, wrong_type},
    root::{Gathered, Root, Scope},
    start::open,
    statement::text,
};
use crate::json::{Fault, Json, Object, Parts, Place};

/// How the media type of a sigstore bundle begins, whatever its version.
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";

/// What is gathered from an envelope.
#[derive(Default)]
pub(super) struct EnvelopeParts {
    problem: Problem,
    payload_type: Option<String>,
    has_payload: bool,
    /// What the payload comes to, read as what its type may say.
    payload: Option<Result<Box<Payload>, SbomError>>,
}

/// A payload, read before its type is known.
struct Payload {
    gathered: Gathered,
    bytes: u64,
}

impl EnvelopeParts {
    /// Whether an object with these keys is an envelope, readable or not.
    pub(super) fn is_told(&self) -> bool {
        self.payload_type.is_some() && self.has_payload
    }

    /// Reads the value of a key of an envelope.
    pub(super) fn take(
        &mut self,
        key: &'static str,
        object: &mut Object<'_, '_>,
        scope: Scope<'_>,
    ) -> Result<(), Fault> {
        if key == "payloadType" {
            return object.value(text(key, &mut self.payload_type, &mut self.problem));
        }
        self.has_payload = true;
        let Self {
            payload, problem, ..
        } = self;
        object.value(PayloadPlace {
            into: payload,
            problem,
            scope,
        })
    }

    /// What the envelope comes to. The type of its payload is what was signed: one that is not the type
    /// of an SBOM or a statement says that it is something else.
    pub(super) fn finish(self) -> Result<Piece, SbomError> {
        if let Some(problem) = self.problem {
            return Err(problem);
        }
        let payload_type = self.payload_type.ok_or(SbomError::Missing("payloadType"))?;
        let label = match Label::of_media_type(&payload_type) {
            Label::Open | Label::Other => {
                let found = shortened(&payload_type);
                return Ok(Piece::NoSbom(NoSbom::PayloadType(found)));
            }
            label => label,
        };
        let payload = self.payload.unwrap_or(Err(SbomError::Missing("payload")))?;
        payload.gathered.finish(label, payload.bytes)
    }
}

/// The payload, decoded and read where it stands: it is never held.
struct PayloadPlace<'a> {
    into: &'a mut Option<Result<Box<Payload>, SbomError>>,
    problem: &'a mut Problem,
    scope: Scope<'a>,
}

impl Place for PayloadPlace<'_> {
    const TAKES_PARTS: bool = true;

    fn wrong(self, found: &'static str) {
        wrong_type(self.problem, "payload", "a string", found);
    }

    fn parts(self, parts: &mut Parts<'_, '_>) {
        let decoder = DecoderReader::new(OneAlphabet(&mut *parts), &BASE64);
        let read = payload(decoder, self.scope);
        *self.into = Some(match read {
            Err(SbomError::Unread(_)) if !parts.is_broken() => Err(SbomError::NotBase64),
            other => other,
        });
    }
}

fn payload(source: impl Read, scope: Scope<'_>) -> Result<Box<Payload>, SbomError> {
    let (start, mut source) = open(source)?;
    if let Some(what) = start.unread() {
        return Err(SbomError::Unsupported(what.to_owned()));
    }
    let mut gathered = Gathered::within(scope.left);
    let scope = Scope {
        is_payload: true,
        ..scope
    };
    let into = &mut gathered;
    let mut json = Json::of(&mut source, scope.left.bytes_max());
    json.value(Root { into, scope })?;
    json.end()?;
    let bytes = json.position();
    Ok(Box::new(Payload { gathered, bytes }))
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
    /// Whether an object with these keys is a bundle, readable or not.
    pub(super) fn is_told(&self) -> bool {
        self.envelope.is_some() || self.has_signature
    }

    /// Reads the value of a key of a bundle.
    pub(super) fn take(
        &mut self,
        key: &'static str,
        object: &mut Object<'_, '_>,
        scope: Scope<'_>,
    ) -> Result<(), Fault> {
        match key {
            "mediaType" => object.value(text(key, &mut self.media_type, &mut self.problem)),
            "dsseEnvelope" => {
                let into = self.envelope.insert(EnvelopeParts::default());
                object.value(Envelope { into, scope })
            }
            _ => {
                self.has_signature = true;
                Ok(())
            }
        }
    }

    /// What the bundle comes to.
    pub(super) fn finish(self) -> Result<Piece, SbomError> {
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
            None => Ok(Piece::NoSbom(NoSbom::Signature)),
        }
    }
}

/// The envelope in a bundle.
struct Envelope<'a> {
    into: &'a mut EnvelopeParts,
    scope: Scope<'a>,
}

impl Place for Envelope<'_> {
    fn wrong(self, found: &'static str) {
        wrong_type(&mut self.into.problem, "dsseEnvelope", "an object", found);
    }

    fn object(self, object: &mut Object<'_, '_>) -> Result<(), Fault> {
        let Self { into, scope } = self;
        let mut keys = Keys::new(&["payloadType", "payload"]);
        while let Some(key) = keys.next(object, &mut into.problem)? {
            into.take(key, object, scope)?;
        }
        Ok(())
    }
}
