//! Reading ahead in a thread of its own.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

/// How many bytes are handed over at a time. With a quarter of it, waking the other thread takes a tenth of all time.
const CHUNK: usize = 512 << 10;
/// How many chunks are read ahead at most. With the one that is read from and the one that is read into, they are all the
/// memory that this takes.
const CHUNKS: usize = 3;

/// A reader whose source is read in another thread, some chunks ahead: while one is worked on, the next is decoded. Dropped,
/// it lets that thread end with its next chunk.
pub struct Ahead {
    /// One without bytes is the end, so that a thread that ends otherwise is told from one that is done.
    chunks: Receiver<io::Result<Vec<u8>>>,
    used: Sender<Vec<u8>>,
    chunk: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl Ahead {
    /// Begins to read at once. Without another thread to be had, it reads nothing and says so.
    pub fn new(source: impl Read + Send + 'static) -> Self {
        let (sender, chunks) = sync_channel(CHUNKS);
        let (used, spare) = channel();
        let failed = sender.clone();
        let thread = thread::Builder::new().name("decode".to_owned());
        if let Err(error) = thread.spawn(move || read_all(source, &sender, &spare)) {
            let _ = failed.try_send(Err(error));
        }
        Self { chunks, used, chunk: Vec::new(), at: 0, is_over: false }
    }
}

/// Reads until the source ends or fails, or nobody wants more.
fn read_all(mut source: impl Read, chunks: &SyncSender<io::Result<Vec<u8>>>, spare: &Receiver<Vec<u8>>) {
    loop {
        let mut chunk = spare.try_recv().unwrap_or_default();
        chunk.resize(CHUNK, 0);
        let mut length = 0;
        let outcome = loop {
            match source.read(&mut chunk[length..]) {
                Ok(0) => break Ok(()),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if length == CHUNK {
                break Ok(());
            }
        };
        chunk.truncate(length);
        // What came before an error is given before it.
        if length > 0 && chunks.send(Ok(chunk)).is_err() {
            return;
        }
        match outcome {
            Ok(()) if length == CHUNK => {}
            Ok(()) => {
                let _ = chunks.send(Ok(Vec::new()));
                return;
            }
            Err(error) => {
                let _ = chunks.send(Err(error));
                return;
            }
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() && !self.is_over {
            let used = std::mem::take(&mut self.chunk);
            self.at = 0;
            if used.capacity() > 0 {
                let _ = self.used.send(used);
            }
            let next = self.chunks.recv();
            let next = next.unwrap_or_else(|_| Err(io::Error::other("the thread that decoded has ended")));
            // Nothing comes after an error.
            self.is_over = next.as_ref().map_or(true, Vec::is_empty);
            self.chunk = next?;
        }
        let read = (&self.chunk[self.at..]).read(buffer)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use super::{Ahead, CHUNK};

    #[test]
    fn it_gives_what_the_source_gives() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 9 * CHUNK + 5] {
            let bytes: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            let mut out = Vec::new();
            Ahead::new(io::Cursor::new(bytes.clone())).read_to_end(&mut out).expect("memory is readable");
            assert_eq!(out, bytes, "{length}");
        }
    }

    struct Failing;

    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("it broke"))
        }
    }

    #[test]
    fn an_error_comes_after_what_was_read() {
        let mut ahead = Ahead::new(io::Cursor::new(vec![7; CHUNK + 9]).chain(Failing));
        let mut out = Vec::new();
        let error = ahead.read_to_end(&mut out).expect_err("the source fails");
        assert_eq!((out, error.to_string().as_str()), (vec![7; CHUNK + 9], "it broke"));
    }

    struct Panicking;

    impl Read for Panicking {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as a decoder might")
        }
    }

    #[test]
    fn a_thread_that_panics_is_no_end() {
        let mut ahead = Ahead::new(io::Cursor::new(vec![7; CHUNK]).chain(Panicking));
        let mut out = Vec::new();
        let error = ahead.read_to_end(&mut out).expect_err("the source panics");
        assert_eq!((out, error.to_string().as_str()), (vec![7; CHUNK], "the thread that decoded has ended"));
        assert_eq!(ahead.read(&mut [0; 10]).expect("it has been told"), 0);
    }

    #[test]
    fn it_can_be_dropped_before_the_end() {
        let mut ahead = Ahead::new(io::repeat(1));
        assert_eq!(ahead.read(&mut [0; 10]).expect("it is readable"), 10);
    }
}
