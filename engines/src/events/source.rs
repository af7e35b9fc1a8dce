//! The bytes of the input as UTF-8 text: unpacked if they are gzip, also gzip in gzip, and converted if they are UTF-16.
//!
//! What the input is, its first bytes say, not its name. What is packed in another way is refused with its name and the
//! command that unpacks it. Neighbors: `layer` unpacks and converts, `buffer` is the only one that reads from here.

use std::io::{self, Cursor, ErrorKind, Read};
use std::mem;

use super::layer::{Counted, Layer};
use super::shape::Packed;

/// How often an input may be packed: copies of copies have two, and no one needs more.
const MAX_LAYERS: usize = 4;

/// Enough to tell a tar archive, which says what it is far behind its beginning.
const HEAD: usize = 512;

/// Enough to tell everything else.
const SHORT_HEAD: usize = 6;

pub(super) enum InputSource<R> {
    /// Nothing was read yet.
    Unopened(R),
    Open(Layer<R>),
    /// The first bytes could not be read.
    Closed,
}

/// What a failure to read is about.
pub(super) enum ReadFailure {
    Read(io::Error),
    GzipCut,
    GzipDamaged(io::Error),
    Packed(Packed),
}

impl<R: Read> InputSource<R> {
    /// Reads as [`Read::read`] does, but is not to be interrupted.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, ReadFailure> {
        if let Self::Unopened(_) = self {
            *self = mem::replace(self, Self::Closed).open()?;
        }
        match self {
            Self::Open(layer) => uninterrupted(layer, into).map_err(failure),
            Self::Unopened(_) | Self::Closed => Ok(0),
        }
    }

    fn open(self) -> Result<Self, ReadFailure> {
        let Self::Unopened(input) = self else { return Ok(self) };
        let mut layer = Layer::Input(Counted { input, taken: 0 });
        for depth in 0.. {
            let head = head(&mut layer).map_err(failure)?;
            let [is_gzip, is_utf16, is_mark] =
                [head.starts_with(&[0x1f, 0x8b]), is_utf16(&head), head.starts_with(b"\xef\xbb\xbf")];
            if let Some(packed) = Packed::of(&head).or((is_gzip && depth == MAX_LAYERS).then_some(Packed::TOO_DEEP)) {
                return Err(ReadFailure::Packed(packed));
            }
            let mark = if is_mark { 3 } else { 0 };
            layer = Layer::Begun(Cursor::new(head[mark..].to_vec()), Box::new(layer));
            match (is_gzip, is_utf16) {
                (true, _) => layer = layer.unpacked(),
                (_, true) => layer = layer.converted(),
                _ => break,
            }
        }
        Ok(Self::Open(layer))
    }

    /// The bytes taken from the input, packed as they are.
    pub(super) fn taken(&self) -> u64 {
        if let Self::Open(layer) = self { layer.taken() } else { 0 }
    }
}

/// The first bytes: what one reading gives, so that no one waits for more than there is to judge.
fn head(layer: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; HEAD];
    let mut length = 0;
    while length < SHORT_HEAD {
        match uninterrupted(layer, &mut head[length..])? {
            0 => break,
            count => length += count,
        }
    }
    head.truncate(length);
    Ok(head)
}

/// UTF-16 has a mark, or JSON's first character tells.
fn is_utf16(head: &[u8]) -> bool {
    matches!(head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, _, 0, ..] | [0, b'{' | b'[', 0, ..])
}

fn failure(error: io::Error) -> ReadFailure {
    match error.kind() {
        ErrorKind::UnexpectedEof => ReadFailure::GzipCut,
        ErrorKind::InvalidInput | ErrorKind::InvalidData => ReadFailure::GzipDamaged(error),
        _ => ReadFailure::Read(error),
    }
}

fn uninterrupted(input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(into) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}
