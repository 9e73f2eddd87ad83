//! Is it code of a language that runs inside a product: Lua, Erlang, Tcl, LaTeX, a spreadsheet, Visual Basic?
//!
//! Each row is a call that reaches the machine in one of them; texts about these languages name it, so its argument has to follow.

use crate::detect::verify::bytes::{find, is_word};

/// Calls that run a program or load a file, up to the parenthesis or the argument.
#[rustfmt::skip]
const CALLS: &[&[u8]] = &[
    b"os.execute(", b"io.popen(", b"require('os').execute", b"require(\"os\").execute", b"package.loadlib(", b"os:cmd(", b"createobject(\"wscript.", b"createobject(\"shell.", b"createobject('wscript.",
    b"server.execute(", b"process.start(", b"getobject(\"winmgmts", b"wscript.shell\")", b"utl_http.request(", b"shell.application\")", b"new activexobject(",
];
/// Commands of TeX that run a program or read a file, up to their argument.
#[rustfmt::skip]
const TEX: &[&[u8]] = &[
    b"\\write18", b"\\input{/", b"\\input|", b"\\include{/", b"\\input /", b"\\lstinputlisting{/", b"\\verbatiminput{/", b"\\usepackage{/", b"\\openin5=/", b"\\newread\\file", b"\\newwrite\\", b"\\catcode`\\",
    b"\\immediate\\write", b"\\openout\\", b"\\openin\\",
];
/// Does a call that reaches the machine stand in the view?
pub(super) fn reaches(view: &[u8]) -> bool {
    let called = CALLS.iter().any(|call| {
        find(view, 0, call).is_some_and(|at| {
            let joined = at.checked_sub(1).and_then(|at| view.get(at)).is_some_and(|byte| is_word(*byte));
            let argument = view.get(at + call.len()..).unwrap_or_default().trim_ascii_start();
            !joined && !argument.is_empty() && !argument.starts_with(b")")
        })
    });
    called || TEX.iter().any(|command| find(view, 0, command).is_some()) || is_tcl(view) || is_cell(view)
}

/// `[exec id]`: the whole value is a command substitution of Tcl.
fn is_tcl(view: &[u8]) -> bool {
    let inside = view.trim_ascii().strip_prefix(b"[exec ").and_then(|rest| rest.strip_suffix(b"]"));
    inside.is_some_and(|command| command.len() <= 128 && !command.contains(&b'['))
}

/// `=cmd|'/c calc'!A0`: a cell of a spreadsheet that runs a program when it is opened.
fn is_cell(view: &[u8]) -> bool {
    let text = view.trim_ascii_start();
    if !matches!(text.first(), Some(b'=' | b'+' | b'-' | b'@')) || view.len() > 512 {
        return false;
    }
    find(text, 0, b"|'").or(find(text, 0, b"|\"")).is_some_and(|at| {
        let before = text.get(..at).unwrap_or_default();
        before.last().is_some_and(|byte| is_word(*byte)) && find(text, at, b"!").is_some()
    }) || is_exchange(text)
}

/// `=calc|a!z`: the whole cell asks another program for something (Dynamic Data Exchange: program, topic, item).
fn is_exchange(cell: &[u8]) -> bool {
    let is_name = |part: &&[u8]| !part.is_empty() && part.iter().all(|byte| is_word(*byte));
    let signs = cell.iter().take_while(|byte| b"=+-@ ".contains(byte)).count();
    let formula = cell.get(signs..).unwrap_or_default().trim_ascii_end();
    let mut parts = formula.splitn(2, |byte| *byte == b'|');
    let program = parts.next().filter(is_name);
    let mut parts = parts.next().unwrap_or_default().splitn(2, |byte| *byte == b'!');
    program.is_some() && parts.next().filter(is_name).is_some() && parts.next().filter(is_name).is_some()
}
