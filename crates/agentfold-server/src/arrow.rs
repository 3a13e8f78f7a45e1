//! [`ArrowStream`]: rows as a stream of Arrow's IPC format.

use agentfold_arrow::{Builder, Layout};
use arrow_ipc::writer::StreamWriter;
use serde::Serialize;

/// About how many bytes of rows are in a batch: some thousands of a report. A small batch would be mostly metadata, and
/// a large one takes memory.
const BATCH_BYTES: usize = 1 << 20;

/// Rows as a stream of record batches. Its end is marked, so a stream that is broken off is known as one.
pub(crate) struct ArrowStream {
    builder: Builder,
    /// With what is not taken yet.
    writer: StreamWriter<Vec<u8>>,
}

impl ArrowStream {
    pub(crate) fn new(layout: &Layout) -> ArrowStream {
        let writer = StreamWriter::try_new(Vec::new(), &layout.schema());
        ArrowStream { builder: layout.builder(), writer: writer.expect(WRITABLE) }
    }

    /// Appends a row.
    pub(crate) fn push(&mut self, row: &impl Serialize) {
        self.builder.push(row).expect("INVARIANT: each field of a row has a column of its type");
        if self.builder.bytes() >= BATCH_BYTES {
            self.write_batch();
        }
    }

    /// Writes the last rows and the mark of the end.
    pub(crate) fn end(&mut self) {
        if !self.builder.is_empty() {
            self.write_batch();
        }
        self.writer.finish().expect(WRITABLE);
    }

    /// Takes what was written since the last call.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.writer.get_mut())
    }

    fn write_batch(&mut self) {
        self.writer.write(&self.builder.batch()).expect(WRITABLE);
    }
}

const WRITABLE: &str = "INVARIANT: memory takes all, and the format has all types of the columns";
