//! What is around the text of an input: gzip, UTF-16. Neighbor: `source`, which finds out what there is.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// How much packed input is read at once.
const PACKED_CHUNK: usize = 64 << 10;

/// What UTF-16 begins with.
const MARK: u16 = 0xfeff;

/// One layer around the text, and those around it.
pub(super) enum Layer<R> {
    Input(Counted<R>),
    /// The first bytes, which had to be looked at, and the rest.
    Begun(Cursor<Vec<u8>>, Box<Layer<R>>),
    Gzip(Box<MultiGzDecoder<BufReader<Layer<R>>>>),
    Utf16(Box<Utf16<Layer<R>>>),
}

impl<R: Read> Layer<R> {
    pub(super) fn unpacked(self) -> Self {
        Self::Gzip(Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED_CHUNK, self))))
    }

    pub(super) fn converted(self) -> Self {
        let input = BufReader::with_capacity(PACKED_CHUNK, self);
        Self::Utf16(Box::new(Utf16 { input, is_big_endian: None, high: None, pending: Cursor::default() }))
    }

    /// The bytes taken from the input, packed as they are there.
    pub(super) fn taken(&self) -> u64 {
        match self {
            Self::Input(counted) => counted.taken,
            Self::Begun(_, rest) => rest.taken(),
            Self::Gzip(decoder) => decoder.get_ref().get_ref().taken(),
            Self::Utf16(converter) => converter.input.get_ref().taken(),
        }
    }
}

impl<R: Read> Read for Layer<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Input(counted) => counted.read(into),
            Self::Begun(head, rest) => match head.read(into)? {
                0 => rest.read(into),
                count => Ok(count),
            },
            Self::Gzip(decoder) => decoder.read(into),
            Self::Utf16(converter) => converter.read(into),
        }
    }
}

/// The input, and how much of it was taken.
pub(super) struct Counted<R> {
    pub(super) input: R,
    pub(super) taken: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(into)?;
        self.taken += count as u64;
        Ok(count)
    }
}

/// UTF-16 as UTF-8. Halves of surrogate pairs become U+FFFD, which no JSON text outside of strings has.
pub(super) struct Utf16<R> {
    input: BufReader<R>,
    /// Known from the first unit on.
    is_big_endian: Option<bool>,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    pending: Cursor<Vec<u8>>,
}

impl<R: Read> Utf16<R> {
    /// The next unit; an odd byte at the end is none.
    fn unit(&mut self) -> io::Result<Option<u16>> {
        let mut bytes = [0; 2];
        let mut length = 0;
        while length < 2 {
            match self.input.read(&mut bytes[length..]) {
                Ok(0) => return Ok(None),
                Ok(count) => length += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let unit = |is_big_endian| if is_big_endian { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) };
        if let Some(is_big_endian) = self.is_big_endian {
            return Ok(Some(unit(is_big_endian)));
        }
        let first = unit(*self.is_big_endian.insert(matches!(bytes, [0xfe, 0xff] | [0, _])));
        if first == MARK { self.unit() } else { Ok(Some(first)) }
    }

    /// Converts about as much as is asked for.
    fn convert(&mut self, room: usize) -> io::Result<Vec<u8>> {
        let mut text = String::new();
        while text.len() < room {
            let unit = self.unit()?;
            match (self.high.take(), unit) {
                (None, Some(unit @ 0xd800..=0xdbff)) => self.high = Some(unit),
                (high, unit) => {
                    let chars = char::decode_utf16(high.into_iter().chain(unit));
                    text.extend(chars.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
                }
            }
            if unit.is_none() {
                break;
            }
        }
        Ok(text.into_bytes())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.pending.read(into)?;
        if count > 0 || into.is_empty() {
            return Ok(count);
        }
        self.pending = Cursor::new(self.convert(into.len().min(PACKED_CHUNK))?);
        self.pending.read(into)
    }
}
