//! Does a path show a file of a project, as the pages and interfaces of forges and of shared folders name it?

use memchr::memmem::find;

/// What stands between the name of the project and the path inside it.
const VIEWS: &[&[u8]] = &[
    b"/-/",
    b"/blob/",
    b"/raw/",
    b"/tree/",
    b"/blame/",
    b"/edit/",
    b"/src/branch/",
    b"/src/commit/",
    b"/contents/",
    b"/repository/files/",
    b"/dav/",
];

/// Is what stands before the file's name the way to a project's file: `/owner/project/blob/main/`?
pub(super) fn is_browsed(before: &[u8]) -> bool {
    VIEWS.iter().any(|view| {
        find(before, view).is_some_and(|at| {
            let folders = before.get(..at).unwrap_or_default().split(|byte| *byte == b'/');
            let named = folders.filter(|folder| !folder.is_empty()).count();
            named >= 2 || named == 1 && *view == b"/dav/"
        })
    })
}
