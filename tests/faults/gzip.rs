//! A gzip bomb: a few kilobytes that unpack to many megabytes of zeros.

use std::sync::LazyLock;

/// 64 MiB of zeros.
///
/// RFC 1951 section 3.2.6, with fixed Huffman codes: one literal zero, then the longest possible
/// repetition of it again and again, 258 bytes for every 13 bits.
pub fn bomb() -> &'static [u8] {
    static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| make(64));
    &BOMB
}

fn make(megabytes: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push(0b1, 1); // The last block,
    bits.push(0b01, 2); // with fixed codes.
    bits.push_code(0b0011_0000, 8); // The literal 0.
    for _ in 0..megabytes * 1024 * 1024 / 258 {
        bits.push_code(0b1100_0101, 8); // Length 258 (code 285),
        bits.push_code(0, 5); // distance 1 (code 0).
    }
    bits.push_code(0, 7); // End of block.
    // RFC 1952 section 2.3: magic, deflate, no flags, no time, unknown system; the trailer is left
    // out, as whoever gets there has unpacked it all.
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    bomb.extend(bits.finish());
    bomb
}

/// Bits, packed from the least significant one on (RFC 1951 section 3.1.1).
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    current: u8,
    used: u8,
}

impl Bits {
    fn push(&mut self, value: u32, count: u8) {
        for at in 0..count {
            self.bit(value >> at & 1 == 1);
        }
    }

    /// Huffman codes are packed from the most significant bit on.
    fn push_code(&mut self, code: u32, count: u8) {
        for at in (0..count).rev() {
            self.bit(code >> at & 1 == 1);
        }
    }

    fn bit(&mut self, set: bool) {
        self.current |= u8::from(set) << self.used;
        self.used += 1;
        if self.used == 8 {
            self.bytes.push(std::mem::take(&mut self.current));
            self.used = 0;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.used > 0 {
            self.bytes.push(self.current);
        }
        self.bytes
    }
}

#[test]
fn the_bomb_is_small() {
    assert!(bomb().len() < 512 * 1024);
}
