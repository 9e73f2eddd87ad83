//! Which commands do payloads run?

/// Commands, sorted. Many are English words too: their arguments decide.
#[rustfmt::skip]
pub(super) const COMMANDS: &[&[u8]] = &[
    b"adduser", b"ansible", b"apt", b"apt-get", b"arp", b"at", b"awk", b"base32", b"base64", b"bash", b"bitsadmin",
    b"bunzip2", b"busybox", b"bzip2", b"cacls", b"capsh", b"cat", b"certutil", b"chattr", b"chgrp", b"chmod", b"chown",
    b"cmd", b"cp", b"cpan", b"crontab", b"cscript", b"csh", b"curl", b"cut", b"dash", b"date", b"dd", b"del", b"df",
    b"dig", b"dir", b"dmesg", b"docker", b"dpkg", b"echo", b"ed", b"egrep", b"env", b"expr", b"fgrep", b"file",
    b"find", b"ftp", b"gawk", b"gcc", b"gdb", b"getent", b"gpg", b"grep", b"groups", b"gunzip", b"gzip", b"head",
    b"hexdump", b"host", b"hostname", b"icacls", b"id", b"ifconfig", b"ip", b"ipconfig", b"java", b"kill", b"killall",
    b"ksh", b"last", b"ldd", b"less", b"ln", b"locate", b"ls", b"lsof", b"lua", b"mail", b"man", b"mkdir", b"mkfifo",
    b"more", b"mount", b"mshta", b"mv", b"nano", b"nc", b"ncat", b"net", b"netcat", b"netsh", b"netstat", b"nl",
    b"nmap", b"node", b"nohup", b"nslookup", b"od", b"openssl", b"passwd", b"paste", b"perl", b"php", b"ping", b"pip",
    b"pkill", b"powershell", b"printenv", b"printf", b"ps", b"pwd", b"pwsh", b"python", b"python2", b"python3", b"rcp",
    b"readelf", b"readlink", b"reg", b"regsvr32", b"rev", b"rm", b"rmdir", b"route", b"rsync", b"ruby", b"rundll32",
    b"sc", b"schtasks", b"scp", b"sed", b"service", b"set", b"sftp", b"sh", b"shred", b"shutdown", b"sleep", b"socat",
    b"sort", b"split", b"ssh", b"start", b"stat", b"strings", b"su", b"sudo", b"systeminfo", b"tac", b"tail", b"tar",
    b"taskkill", b"tasklist", b"tclsh", b"tcpdump", b"tee", b"telnet", b"tftp", b"timeout", b"top", b"touch", b"tr",
    b"traceroute", b"type", b"uname", b"uniq", b"unzip", b"useradd", b"ver", b"vi", b"vim", b"vol", b"w", b"wc",
    b"wget", b"which", b"who", b"whoami", b"wmic", b"wscript", b"xargs", b"xxd", b"yum", b"zip", b"zsh",
];
/// Of these a bare one behind a strong separator is enough, sorted.
#[rustfmt::skip]
pub(super) const ALONE: &[&[u8]] = &[
    b"arp", b"bash", b"cmd", b"df", b"dir", b"env", b"id", b"ifconfig", b"ipconfig", b"ls", b"lsof", b"netstat",
    b"nslookup", b"powershell", b"printenv", b"ps", b"pwd", b"sh", b"systeminfo", b"tasklist", b"uname", b"ver",
    b"whoami", b"zsh",
];
/// Names that nothing else has.
pub(super) const UNMISTAKABLE: &[&[u8]] =
    &[b"whoami", b"ifconfig", b"ipconfig", b"uname", b"netstat", b"systeminfo", b"tasklist", b"printenv"];
/// Commands whose argument may be any word.
#[rustfmt::skip]
pub(super) const TAKES_WORDS: &[&[u8]] = &[
    b"echo", b"ping", b"nslookup", b"curl", b"wget", b"net", b"dig", b"rm", b"tac", b"printf", b"bash", b"python",
    b"perl", b"php", b"ruby", b"nc", b"telnet", b"chmod",
];
/// Words and commands before a command.
#[rustfmt::skip]
pub(super) const RUNNERS: &[&[u8]] = &[
    b"sudo", b"nohup", b"exec", b"command", b"time", b"env", b"busybox", b"then", b"do", b"else", b"if", b"while",
    b"xargs", b"timeout", b"nice", b"eval", b"builtin", b"set",
];

#[cfg(test)]
mod tests {
    #[test]
    fn are_sorted_for_the_search() {
        assert!(super::COMMANDS.is_sorted());
        assert!(super::ALONE.is_sorted());
    }
}
