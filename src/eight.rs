//! How is a text looked through eight bytes at a time? WebAssembly here has no wider registers, and a plain loop over bytes
//! costs there what an optimiser for speed or for size makes of it; these few cost the same with either.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The first position of `byte`.
pub(crate) fn position(text: &[u8], byte: u8) -> Option<usize> {
    let wanted = ONES * u64::from(byte);
    let (words, rest) = text.as_chunks::<8>();
    let mut at = 0;
    for word in words {
        let differs = u64::from_le_bytes(*word) ^ wanted;
        // The lowest bit that is set belongs to the first byte that is nought (Lamport 1975); those above may be wrong.
        let nought = differs.wrapping_sub(ONES) & !differs & HIGH;
        if nought != 0 {
            return Some(at + nought.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    for other in rest {
        if *other == byte {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Makes ASCII letters lower case.
pub(crate) fn lower(text: &mut [u8]) {
    let (words, rest) = text.as_chunks_mut::<8>();
    for word in words {
        let bytes = u64::from_le_bytes(*word);
        let seven = bytes & !HIGH;
        let from_a = seven + ONES * u64::from(0x80 - b'A');
        let after_z = seven + ONES * u64::from(0x7f - b'Z');
        let upper = from_a & !after_z & !bytes & HIGH;
        *word = (bytes | upper >> 2).to_le_bytes();
    }
    for byte in rest {
        *byte = byte.to_ascii_lowercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_does_what_the_standard_library_does() {
        let all: Vec<u8> = (0..=255).chain(0..=200).collect();
        for skipped in 0..9 {
            let mut text = all[skipped..].to_vec();
            lower(&mut text);
            assert_eq!(text, all[skipped..].to_ascii_lowercase());
        }
    }

    #[test]
    fn position_does_what_the_standard_library_does() {
        // Neighbours of the byte are what the subtraction may take for it.
        for byte in [0, 1, b'a', 0x7f, 0x80, 0xff_u8] {
            for length in 0..20 {
                for (one, other) in [(byte.wrapping_add(1), byte), (byte ^ 1, byte ^ 0x80), (byte ^ 0x80, byte)] {
                    for at in 0..=length {
                        let mut text = vec![one; length];
                        text.iter_mut().skip(at).for_each(|last| *last = other);
                        assert_eq!(position(&text, byte), text.iter().position(|known| *known == byte), "{text:?}");
                    }
                }
            }
        }
    }
}
