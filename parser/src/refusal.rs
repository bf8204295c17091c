//! Input that is not lines of text, told by its first bytes or its first line.

use std::borrow::Cow;
use std::{error, fmt, io};

use memchr::memmem;

/// Why an input is not read at all. It travels inside an [`io::Error`] of kind `InvalidData`;
/// [`Refusal::within`] finds it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Compressed with gzip (RFC 1952: 1f 8b).
    Gzip,
    /// Compressed with zstd (RFC 8878: 28 b5 2f fd).
    Zstd,
    /// Compressed with xz (fd `7zXZ` 00).
    Xz,
    /// Compressed with bzip2 (`BZh`).
    Bzip2,
    /// Compressed with lz4 (a frame: 04 22 4d 18).
    Lz4,
    /// An archive of zip (`PK` 03 04).
    Zip,
    /// An archive of tar, as POSIX and GNU write it (`ustar` at byte 257).
    Tar,
    /// UTF-16, with a byte-order mark or with the low byte first.
    Utf16,
    /// UTF-16 without a byte-order mark, the high byte first.
    Utf16Be,
    /// UTF-32 with a byte-order mark.
    Utf32,
    /// One JSON array, not a record per line.
    JsonArray,
    /// JSON objects spread over several lines.
    SpreadJson,
    /// JSON objects parted by carriage returns alone.
    CarriageReturns,
    /// A database of `SQLite`.
    Sqlite,
}

impl Refusal {
    /// What the first bytes of an input betray. They need to reach to the end of its first line, or to 262 bytes. More
    /// than that line is not looked at, so that it does not matter how much of the input is there at first.
    pub(crate) fn of_start(start: &[u8]) -> Option<Self> {
        const MAGIC: [(&[u8], Refusal); 11] = [
            (&[0x1f, 0x8b], Refusal::Gzip),
            (&[0x28, 0xb5, 0x2f, 0xfd], Refusal::Zstd),
            (&[0xfd, b'7', b'z', b'X', b'Z', 0], Refusal::Xz),
            (b"BZh", Refusal::Bzip2),
            (&[0x04, 0x22, 0x4d, 0x18], Refusal::Lz4),
            (b"PK\x03\x04", Refusal::Zip),
            (b"SQLite format 3\0", Refusal::Sqlite),
            // It begins as UTF-16 does, if that began with a NUL.
            (&[0xff, 0xfe, 0, 0], Refusal::Utf32),
            (&[0, 0, 0xfe, 0xff], Refusal::Utf32),
            (&[0xff, 0xfe], Refusal::Utf16),
            (&[0xfe, 0xff], Refusal::Utf16),
        ];
        let start = memchr::memchr(b'\n', start).map_or(start, |feed| &start[..=feed]);
        if let Some((_, refusal)) = MAGIC.iter().find(|(magic, _)| start.starts_with(magic)) {
            return Some(*refusal);
        }
        // The numbers before it end with NULs, which no text has.
        if let Some((before, rest)) = start.split_at_checked(257)
            && rest.starts_with(b"ustar")
            && before.contains(&0)
        {
            return Some(Self::Tar);
        }
        match start {
            [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(Self::Utf16Be),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(Self::Utf16),
            _ => None,
        }
    }

    /// What the first line that is not blank betrays (its padding stripped): `{` or `[` alone, or `[{`; or several objects
    /// with a carriage return between them, which no object has there.
    pub(crate) fn of_first_line(line: &[u8]) -> Option<Self> {
        match line.trim_ascii() {
            b"{" => Some(Self::SpreadJson),
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), None | Some(b'{')) => {
                Some(Self::JsonArray)
            }
            [b'{', ..] if memmem::find(line, b"}\r{").is_some() => Some(Self::CarriageReturns),
            _ => None,
        }
    }

    /// The refusal inside an error, if that is what it holds.
    pub fn within(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }

    /// What the input is.
    pub fn what(self) -> &'static str {
        match self {
            Self::Gzip => "compressed with gzip",
            Self::Zstd => "compressed with zstd",
            Self::Xz => "compressed with xz",
            Self::Bzip2 => "compressed with bzip2",
            Self::Lz4 => "compressed with lz4",
            Self::Zip => "a zip archive",
            Self::Tar => "a tar archive",
            Self::Utf16 | Self::Utf16Be => "UTF-16 text, not UTF-8",
            Self::Utf32 => "UTF-32 text, not UTF-8",
            Self::JsonArray => "one JSON array, not a JSON object per line",
            Self::SpreadJson => "JSON spread over several lines, not an object per line",
            Self::CarriageReturns => "JSON objects parted by carriage returns, not an object per line",
            Self::Sqlite => "an SQLite database",
        }
    }

    /// The command that writes `file` as lines of UTF-8 text.
    pub fn remedy(self, file: &str) -> String {
        // What is within a compressed file was decompressed here before it was looked at.
        let around = match file.rsplit_once('.') {
            Some((_, "gz")) => Some(Self::Gzip),
            Some((_, "zst")) => Some(Self::Zstd),
            _ => None,
        };
        let is_within = matches!(
            self,
            Self::Utf16
                | Self::Utf16Be
                | Self::Utf32
                | Self::JsonArray
                | Self::SpreadJson
                | Self::CarriageReturns
        );
        if let Some(around) = around.filter(|_| is_within) {
            return format!("{} | {}", around.remedy(file), self.remedy("-"));
        }
        let file = &quoted(file);
        match self {
            Self::Gzip => format!("gzip -dc {file}"),
            Self::Zstd => format!("zstd -dc {file}"),
            Self::Xz => format!("xz -dc {file}"),
            Self::Bzip2 => format!("bzip2 -dc {file}"),
            Self::Lz4 => format!("lz4 -dc {file}"),
            // Its directory is at its end, so it is not read from a pipe.
            Self::Zip if file == "-" => "unzip -p FILE".to_owned(),
            Self::Zip => format!("unzip -p {file}"),
            Self::Tar => format!("tar -xOf {file}"),
            Self::Utf16 => format!("iconv -f UTF-16 -t UTF-8 {file}"),
            Self::Utf16Be => format!("iconv -f UTF-16BE -t UTF-8 {file}"),
            Self::Utf32 => format!("iconv -f UTF-32 -t UTF-8 {file}"),
            Self::JsonArray => format!("jq -c '.[]' {file}"),
            Self::SpreadJson => format!("jq -c . {file}"),
            Self::CarriageReturns if file == "-" => "tr '\\r' '\\n'".to_owned(),
            Self::CarriageReturns => format!("tr '\\r' '\\n' < {file}"),
            // A database is read here and there, so not from a pipe.
            Self::Sqlite if file == "-" => "logs from-db FILE".to_owned(),
            Self::Sqlite => format!("logs from-db {file}"),
        }
    }
}

/// A file's name as a shell reads it.
fn quoted(name: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_alphanumeric() || "._/-+:@%=,".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("'{}'", name.replace('\'', "'\\''")))
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::InvalidData, refusal)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; convert it first: {} | logs count -", self.what(), self.remedy("FILE"))
    }
}

impl error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn tells_containers_by_their_first_bytes() {
        assert_eq!(Refusal::of_start(&[0x1f, 0x8b, 8, 0]), Some(Refusal::Gzip));
        assert_eq!(Refusal::of_start(&[0x28, 0xb5, 0x2f, 0xfd]), Some(Refusal::Zstd));
        assert_eq!(Refusal::of_start(b"SQLite format 3\0\x10\0"), Some(Refusal::Sqlite));
        assert_eq!(Refusal::of_start(b"SQLite format 3 is a format"), None);
        assert_eq!(Refusal::of_start(b"\xff\xfe{\0"), Some(Refusal::Utf16));
        assert_eq!(Refusal::of_start(b"\xff\xfe\0\0{\0\0\0"), Some(Refusal::Utf32));
        assert_eq!(Refusal::of_start(b"\0\0\xfe\xff\0\0\0{"), Some(Refusal::Utf32));
        assert_eq!(Refusal::of_start(&[0x04, 0x22, 0x4d, 0x18, 0x64]), Some(Refusal::Lz4));
        assert_eq!(Refusal::of_start(b"PK\x03\x04\n\0"), Some(Refusal::Zip));
        assert_eq!(Refusal::of_start(b"PK is a name"), None);
        assert_eq!(Refusal::of_start(b"{\0\"\0"), Some(Refusal::Utf16));
        assert_eq!(Refusal::of_start(b"\0{\0\""), Some(Refusal::Utf16Be));
        assert_eq!(Refusal::of_start(b"\n\0{\0"), None, "its first line is no more than a line feed");
        assert_eq!(Refusal::of_start(b"{\0\n\0"), None, "its first line has three bytes");
        assert_eq!(Refusal::of_start(b"\0{\0\n\0{"), Some(Refusal::Utf16Be));
        assert_eq!(Refusal::of_start(b"\0\0\0{\"a\":1}"), None);
        assert_eq!(Refusal::of_start(b"\0{\"a\":1}"), None);
        assert_eq!(Refusal::of_start(b""), None);
    }

    #[test]
    fn tells_a_tar_by_its_first_header() {
        let mut header = [&b"logs/a.log"[..], &[0; 247], b"ustar\x0000", &[0; 248], b"text\n"].concat();
        assert_eq!(Refusal::of_start(&header), Some(Refusal::Tar));
        assert_eq!(Refusal::of_start(&header[..261]), None, "it is cut short");
        header[..257].fill(b'a');
        assert_eq!(Refusal::of_start(&header), None, "text has that word anywhere");
    }

    #[test]
    fn a_remedy_can_be_pasted() {
        assert_eq!(Refusal::Xz.remedy("a/b-1.xz"), "xz -dc a/b-1.xz");
        assert_eq!(Refusal::Xz.remedy("my log.xz"), "xz -dc 'my log.xz'");
        assert_eq!(Refusal::Xz.remedy("it's"), "xz -dc 'it'\\''s'");
        assert_eq!(Refusal::CarriageReturns.remedy("a b"), "tr '\\r' '\\n' < 'a b'");
        assert_eq!(Refusal::CarriageReturns.remedy("-"), "tr '\\r' '\\n'");
        assert_eq!(Refusal::JsonArray.remedy("a b.gz"), "gzip -dc 'a b.gz' | jq -c '.[]' -");
        assert_eq!(Refusal::Utf16.remedy("a.zst"), "zstd -dc a.zst | iconv -f UTF-16 -t UTF-8 -");
        assert_eq!(Refusal::Gzip.remedy("a.gz"), "gzip -dc a.gz");
    }

    #[test]
    fn tells_json_that_is_not_lines_by_its_first_line() {
        assert_eq!(Refusal::of_first_line(b"{\r"), Some(Refusal::SpreadJson));
        assert_eq!(Refusal::of_first_line(b"["), Some(Refusal::JsonArray));
        assert_eq!(Refusal::of_first_line(b" [ {\"a\":1},"), Some(Refusal::JsonArray));
        assert_eq!(Refusal::of_first_line(b"{\"a\":1}\r{\"a\":2}\r"), Some(Refusal::CarriageReturns));
        assert_eq!(Refusal::of_first_line(b"{\"a\":\r{\"b\":{}\r}}\r"), None);
        assert_eq!(Refusal::of_first_line(b"[1,2]"), None);
        assert_eq!(Refusal::of_first_line(b"[2025-01-15] text"), None);
        assert_eq!(Refusal::of_first_line(b"{\"a\":"), None);
    }
}
