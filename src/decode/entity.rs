//! What do HTML's character references stand for?

/// The named ones that payloads use, of the HTML standard's table.
const NAMED: &[(&[u8], u8)] = &[
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"quot", b'"'),
    (b"apos", b'\''),
    (b"colon", b':'),
    (b"tab", b'\t'),
    (b"newline", b'\n'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"sol", b'/'),
    (b"bsol", b'\\'),
    (b"grave", b'`'),
    (b"lcub", b'{'),
    (b"rcub", b'}'),
    (b"dollar", b'$'),
    (b"semi", b';'),
    (b"equals", b'='),
    (b"period", b'.'),
    (b"excl", b'!'),
    (b"num", b'#'),
    (b"percnt", b'%'),
    (b"ast", b'*'),
    (b"plus", b'+'),
    (b"comma", b','),
    (b"nbsp", b' '),
    (b"lsqb", b'['),
    (b"rsqb", b']'),
    (b"lowbar", b'_'),
    (b"vert", b'|'),
    (b"commat", b'@'),
];
/// How long they are, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 2..=7;
/// Names that count without their semicolon too.
const BARE: &[&[u8]] = &[b"amp", b"lt", b"gt", b"quot"];
/// No reference is longer, in bytes; leading zeros are an evasion, so there is room for some.
const LONGEST: usize = 64;

/// Undoes character references that stand for ASCII; says whether there were any.
pub fn decode(input: &[u8], output: &mut Vec<u8>) -> bool {
    if !input.contains(&b'&') {
        return false;
    }
    output.clear();
    let mut changed = false;
    let mut rest = input;
    loop {
        let run = rest.iter().position(|byte| *byte == b'&').unwrap_or(rest.len());
        let (plain, reference) = rest.split_at(run);
        output.extend_from_slice(plain);
        let Some((ampersand, after)) = reference.split_first() else { return changed };
        let after_reference = match after {
            [b'#', b'x' | b'X', digits @ ..] => numeric(digits, 16),
            [b'#', digits @ ..] => numeric(digits, 10),
            name => named(name),
        };
        (rest, changed) = match after_reference {
            Some((byte, rest)) => {
                output.push(byte);
                (rest, true)
            }
            None => {
                output.push(*ampersand);
                (after, changed)
            }
        };
    }
}

fn numeric(digits: &[u8], radix: u32) -> Option<(u8, &[u8])> {
    let count = digits.iter().take(LONGEST).take_while(|digit| char::from(**digit).is_digit(radix)).count();
    let (number, rest) = digits.split_at(count);
    let code = number
        .iter()
        .try_fold(0_u32, |value, digit| value.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?));
    let byte = u8::try_from(code.filter(|_| count > 0)?).ok().filter(u8::is_ascii)?;
    Some((byte, rest.strip_prefix(b";").unwrap_or(rest)))
}

fn named(after: &[u8]) -> Option<(u8, &[u8])> {
    let count = after.iter().take(LENGTHS.end() + 1).take_while(|byte| byte.is_ascii_alphabetic()).count();
    if !LENGTHS.contains(&count) {
        return None;
    }
    let (name, rest) = after.split_at(count);
    let (name, byte) = NAMED.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    match rest.strip_prefix(b";") {
        Some(rest) => Some((*byte, rest)),
        None => BARE.contains(name).then_some((*byte, rest)),
    }
}
