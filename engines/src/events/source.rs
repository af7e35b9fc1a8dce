//! The bytes of the input, unpacked if they are gzip.
//!
//! What the input is, its first two bytes say, not its name. Neighbor: `buffer`, the only one that reads from here.

use std::io::{self, BufReader, Chain, Cursor, ErrorKind, Read};
use std::mem;

use flate2::bufread::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How much packed input is read at once.
const PACKED_CHUNK: usize = 64 << 10;

/// The input, and how much of it was taken.
pub(super) struct Counted<R> {
    input: R,
    taken: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.taken += count as u64;
        Ok(count)
    }
}

/// The first two bytes, which had to be looked at, and the rest.
type Whole<R> = Chain<Cursor<Vec<u8>>, Counted<R>>;

pub(super) enum Source<R> {
    /// Nothing was read yet.
    Unopened(R),
    Plain(Whole<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Whole<R>>>>),
    /// The first bytes could not be read.
    Closed,
}

/// What a failure to read is about.
pub(super) enum Failure {
    Read(io::Error),
    GzipCut,
    GzipDamaged(io::Error),
}

impl<R: Read> Source<R> {
    /// Reads as [`Read::read`] does, but is not to be interrupted.
    pub(super) fn read(&mut self, into: &mut [u8]) -> Result<usize, Failure> {
        if let Self::Unopened(_) = self {
            *self = mem::replace(self, Self::Closed).open().map_err(Failure::Read)?;
        }
        match self {
            Self::Plain(input) => uninterrupted(input, into).map_err(Failure::Read),
            Self::Gzip(input) => uninterrupted(input, into).map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => Failure::GzipCut,
                ErrorKind::InvalidInput | ErrorKind::InvalidData => Failure::GzipDamaged(error),
                _ => Failure::Read(error),
            }),
            Self::Unopened(_) | Self::Closed => Ok(0),
        }
    }

    fn open(self) -> io::Result<Self> {
        let Self::Unopened(input) = self else { return Ok(self) };
        let mut counted = Counted { input, taken: 0 };
        let mut head = Vec::with_capacity(GZIP.len());
        // Reads on after an interruption.
        (&mut counted).take(GZIP.len() as u64).read_to_end(&mut head)?;
        let packed = head == GZIP;
        let whole = Cursor::new(head).chain(counted);
        Ok(if packed {
            Self::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED_CHUNK, whole))))
        } else {
            Self::Plain(whole)
        })
    }

    /// The bytes taken from the input, packed as they are.
    pub(super) fn taken(&self) -> u64 {
        match self {
            Self::Plain(whole) => whole.get_ref().1.taken,
            Self::Gzip(decoder) => decoder.get_ref().get_ref().get_ref().1.taken,
            Self::Unopened(_) | Self::Closed => 0,
        }
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
