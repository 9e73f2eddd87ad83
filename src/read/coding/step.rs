//! What became of bytes that a decoder was given?

/// The result of one push to a decoder. The numbers are of bytes at the end of what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// All were taken, and the stream goes on.
    Going,
    /// The stream is complete; so many bytes follow it.
    Ended(usize),
    /// The stream is not valid; so many bytes were not decoded.
    Broken(usize),
    /// Nobody wants more; so many bytes were not decoded.
    Full(usize),
}

/// Takes what a decoder puts out, and says whether it wants more.
pub(super) type Take<'a> = &'a mut dyn FnMut(&[u8]) -> bool;
