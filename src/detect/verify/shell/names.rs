//! Which commands do payloads run?

/// Commands, sorted. Many are English words too: their arguments decide.
#[rustfmt::skip]
pub(super) const COMMANDS: &[&[u8]] = &[
    b".sh", b".shell", b".system", b"7z", b"7za", b"7zr", b"aa-disable", b"aa-exec", b"aa-status", b"adb",
    b"addgroup", b"adduser", b"agetty", b"alias", b"ansible", b"ansible-config", b"ansible-console", b"ansible-doc",
    b"ansible-galaxy", b"ansible-inventory", b"ansible-playbook", b"ansible-pull", b"ansible-vault", b"apache2ctl",
    b"apachectl", b"apk", b"appvlp", b"apropos", b"apt", b"apt-cache", b"apt-get", b"apt-key", b"apt-mark",
    b"aptitude", b"aria2c", b"arj", b"arp", b"arping", b"ascii-xfr", b"ash", b"aspell", b"aspnet_compiler", b"assoc",
    b"at", b"atbroker", b"attrib", b"auditctl", b"ausearch", b"awk", b"base32", b"base64", b"basename", b"basenc",
    b"bash", b"batcat", b"bcdboot", b"bcdedit", b"bconsole", b"bdiff", b"bg", b"bitsadmin", b"blkid", b"bpftrace",
    b"brctl", b"buildah", b"bundler", b"bunzip2", b"busctl", b"busybox", b"byebug", b"byobu", b"bzcat", b"bzdiff",
    b"bzegrep", b"bzfgrep", b"bzgrep", b"bzip2", b"bzless", b"bzmore", b"c89", b"c99", b"cabextract", b"cacls",
    b"capsh", b"cat", b"cc", b"cd", b"certbot", b"certoc", b"certreq", b"certutil", b"chage", b"chattr",
    b"checkinstall", b"chef", b"chef-client", b"chef-solo", b"chef-vault", b"chfn", b"chgrp", b"chkconfig", b"chkdsk",
    b"chmod", b"choom", b"chown", b"chpasswd", b"chroot", b"chsh", b"cipher", b"clamscan", b"clang", b"cmd",
    b"cmdkey", b"cmdl32", b"cmp", b"cmstp", b"cobc", b"column", b"comm", b"compact", b"composer",
    b"configsecuritypolicy", b"control", b"copy", b"cowsay", b"cowthink", b"cp", b"cpan", b"cpio", b"cpulimit",
    b"crictl", b"crontab", b"csc", b"cscli", b"cscript", b"csh", b"csplit", b"csvde", b"csvtool", b"ctr",
    b"cupsfilter", b"curl", b"customshellhost", b"cut", b"dash", b"datasvcutil", b"date", b"dcomcnfg", b"dd",
    b"debugfs", b"declare", b"del", b"desktopimgdownldr", b"df", b"dfsvc", b"dhclient", b"dialog", b"diantz", b"diff",
    b"dig", b"dir", b"diskpart", b"diskshadow", b"dmesg", b"dmidecode", b"dmsetup", b"dnf", b"dnscmd", b"docker",
    b"docker-compose", b"dos2unix", b"dosbox", b"dotnet", b"dpkg", b"dpkg-deb", b"dpkg-query", b"dpkg-reconfigure",
    b"driverquery", b"dsquery", b"dstat", b"dvips", b"easy_install", b"eb", b"echo", b"ed", b"efax", b"efibootmgr",
    b"egrep", b"elvish", b"emacs", b"env", b"eqn", b"erase", b"esentutl", b"esxcli", b"ethtool", b"eventvwr",
    b"exiftool", b"expand", b"export", b"expr", b"extexport", b"extrac32", b"facter", b"fail2ban-client", b"faillock",
    b"fatrace", b"fdisk", b"fg", b"fgrep", b"file", b"find", b"findmnt", b"findstr", b"fish", b"flock", b"fltmc",
    b"fmt", b"fold", b"forfiles", b"fping", b"fsutil", b"ftp", b"ftype", b"gawk", b"gcc", b"gcore", b"gdb", b"gem",
    b"genie", b"get-childitem", b"get-content", b"get-process", b"get-service", b"getcap", b"getent", b"getmac",
    b"gimp", b"ginsh", b"git", b"gmake", b"go", b"gpasswd", b"gpg", b"gpgconf", b"gpresult", b"gpscript", b"gpupdate",
    b"grc", b"grep", b"groupadd", b"groupdel", b"groupmod", b"groups", b"gtester", b"gunzip", b"gzip", b"hash",
    b"head", b"helm", b"hexdump", b"hh", b"history", b"host", b"hostid", b"hostname", b"hostnamectl", b"hping3",
    b"htop", b"icacls", b"iconv", b"id", b"ie4uinit", b"ieexec", b"iex", b"ifconfig", b"ifdown", b"iftop", b"ifup",
    b"ilasm", b"imewdbld", b"infdefaultinstall", b"initctl", b"insmod", b"installutil", b"invoke-command",
    b"invoke-expression", b"invoke-item", b"invoke-restmethod", b"invoke-webrequest", b"invoke-wmimethod", b"ionice",
    b"ip", b"ipconfig", b"iperf", b"iperf3", b"iptables", b"irb", b"irm", b"ispell", b"iwconfig", b"iwmi", b"iwr",
    b"java", b"jjs", b"jobs", b"journalctl", b"jq", b"jrunscript", b"jsc", b"jshell", b"julia", b"keytool", b"kill",
    b"killall", b"klist", b"kmod", b"knife", b"ksh", b"ksshell", b"kubectl", b"label", b"last", b"last-comm",
    b"lastlog", b"lastlogin", b"latex", b"latexmk", b"ld.so", b"ldapsearch", b"ldconfig", b"ldd", b"ldifde", b"less",
    b"lftp", b"lftpget", b"ll", b"ln", b"locale", b"locate", b"loginctl", b"logname", b"logoff", b"logsave", b"look",
    b"losetup", b"ls", b"ls-f", b"lsattr", b"lsb_release", b"lsblk", b"lscpu", b"lshw", b"lsmod", b"lsns", b"lsof",
    b"lspci", b"lsusb", b"ltrace", b"lua", b"lualatex", b"luatex", b"lwp-download", b"lwp-dump", b"lwp-mirror",
    b"lwp-request", b"lxc", b"lxd", b"lynx", b"lzcat", b"lzcmp", b"lzdiff", b"lzegrep", b"lzfgrep", b"lzgrep",
    b"lzless", b"lzma", b"lzmore", b"mail", b"mailq", b"mailx", b"makecab", b"man", b"masscan", b"mavinject", b"mawk",
    b"md", b"md5sum", b"minikube", b"mkdir", b"mkfifo", b"mkfs", b"mklink", b"mknod", b"mkpasswd", b"mksh",
    b"mlocate", b"mmc", b"mode", b"modprobe", b"more", b"mosquitto", b"mount", b"move", b"mpcmdrun", b"msbuild",
    b"msconfig", b"msdt", b"msfconsole", b"msgattrib", b"msgcat", b"msgconv", b"msgfilter", b"msgmerge", b"msguniq",
    b"mshta", b"msiexec", b"mstsc", b"mtr", b"multitime", b"mutt", b"mv", b"mypy", b"mysql", b"mysqladmin",
    b"mysqldump", b"nano", b"nasm", b"nawk", b"nbtscan", b"nbtstat", b"nc", b"ncat", b"ncdu", b"needrestart",
    b"neofetch", b"nerdctl", b"net", b"net1", b"netcat", b"netsh", b"netstat", b"new-object", b"newgrp", b"nft",
    b"ngen", b"nginx", b"ngrep", b"nl", b"nltest", b"nmap", b"nmcli", b"node", b"nodejs", b"nohup", b"npm", b"nproc",
    b"npx", b"nroff", b"nsenter", b"nslookup", b"ntdsutil", b"ntpdate", b"ntsd", b"oc", b"octave", b"od", b"odbcconf",
    b"openfiles", b"openrc", b"openssl", b"openvpn", b"openvt", b"opkg", b"pandoc", b"partprobe", b"passwd", b"paste",
    b"pathping", b"pax", b"pcalua", b"pcwrun", b"pdb", b"pdflatex", b"pdftex", b"pdksh", b"perf", b"perl", b"perlsh",
    b"pg", b"pgrep", b"php", b"php-cgi", b"php5", b"php7", b"php8", b"pic", b"pico", b"pidof", b"pidstat", b"ping",
    b"pip", b"pip2", b"pip3", b"pkexec", b"pkg", b"pkginfo", b"pkill", b"pktmon", b"pmap", b"pnputil", b"podman",
    b"popd", b"powershell", b"pr", b"presentationhost", b"printbrm", b"printenv", b"printf", b"provlaunch",
    b"proxychains", b"pry", b"ps", b"psexec", b"psftp", b"psql", b"psr", b"ptx", b"puppet", b"pushd", b"pwck",
    b"pwconv", b"pwd", b"pwncat", b"pwsh", b"python", b"python2", b"python3", b"qprocess", b"query", b"quser",
    b"qwinsta", b"rake", b"rasautou", b"rasdial", b"rc", b"rc-service", b"rcp", b"rd", b"rdrleakdiag", b"read",
    b"readarray", b"readelf", b"readlink", b"reg", b"regasm", b"regedit", b"regini", b"regsvcs", b"regsvr32",
    b"remove-item", b"ren", b"rename", b"renice", b"replace", b"resolvectl", b"restic", b"rev", b"rlogin", b"rlwrap",
    b"rm", b"rmdir", b"rmmod", b"rmt", b"rmt-dump", b"rmt-tar", b"rmuser", b"robocopy", b"route", b"rpcinfo",
    b"rpcping", b"rpm", b"rpmbuild", b"rpmdb", b"rpmquery", b"rpmverify", b"rscript", b"rsh", b"rsync", b"rtorrent",
    b"ruby", b"run-mailcap", b"run-parts", b"runas", b"runc", b"rundll", b"rundll32", b"runexehelper", b"runonce",
    b"runscript", b"runscripthelper", b"runuser", b"rview", b"rvim", b"sash", b"sc", b"scanelf", b"scapy",
    b"schtasks", b"scp", b"scponly", b"screen", b"script", b"scriptrunner", b"scrot", b"sdelete", b"sdiff",
    b"searchsploit", b"secedit", b"sed", b"sendmail", b"service", b"set", b"set-content", b"set-executionpolicy",
    b"setarch", b"setcap", b"setfacl", b"setsid", b"settingsynchost", b"setx", b"sfc", b"sftp", b"sg", b"sh",
    b"sha1sum", b"sha256sum", b"showmount", b"shred", b"shuf", b"shutdown", b"sleep", b"slsh", b"smbclient", b"snap",
    b"socat", b"soelim", b"softlimit", b"sort", b"source", b"split", b"ss", b"ssh", b"ssh-add", b"ssh-agent",
    b"ssh-copy-id", b"ssh-kexec", b"ssh-keygen", b"ssh-keyscan", b"sshfs", b"sshpass", b"sshuttle", b"ssmtp",
    b"start", b"start-bitstransfer", b"start-process", b"start-stop-daemon", b"stat", b"stdbuf", b"stordiag",
    b"strace", b"strings", b"su", b"subst", b"sudo", b"sudoedit", b"sulogin", b"svn", b"swapoff", b"swapon",
    b"syncappvpublishingserver", b"sysctl", b"systemctl", b"systeminfo", b"tac", b"tail", b"takeown", b"tar",
    b"taskkill", b"tasklist", b"tasksel", b"taskset", b"tbl", b"tclsh", b"tcpdump", b"tcping", b"tcpkill", b"tcsh",
    b"tdbtool", b"tee", b"telnet", b"tftp", b"timedatectl", b"timeout", b"tmate", b"tmux", b"toe", b"top",
    b"torsocks", b"touch", b"tr", b"traceroute", b"traceroute6", b"trap", b"tree", b"troff", b"tshark", b"tskill",
    b"ttdinject", b"tttracer", b"type", b"tzutil", b"uconv", b"udevadm", b"ufw", b"ul", b"ulimit", b"umask",
    b"umount", b"uname", b"uncompress", b"undelete", b"unexpand", b"uniq", b"unlink", b"unlzma", b"unpigz", b"unrar",
    b"unregmp2", b"unset", b"unshare", b"unsquashfs", b"unxz", b"unzip", b"unzstd", b"update-alternatives",
    b"update-rc.d", b"useradd", b"userdel", b"usermod", b"uudecode", b"uuencode", b"vagrant", b"valgrind",
    b"varnishncsa", b"vbc", b"ver", b"verclsid", b"verifier", b"vi", b"view", b"vigr", b"vim", b"vimdiff", b"vipw",
    b"virsh", b"visudo", b"vlc", b"vol", b"volatility", b"vssadmin", b"w", b"w3m", b"waitfor", b"wall", b"watch",
    b"wbadmin", b"wc", b"wevtutil", b"wget", b"where", b"whereis", b"which", b"who", b"whoami", b"whois", b"winget",
    b"winrm", b"winrs", b"wireshark", b"wish", b"wlrmdr", b"wmic", b"workfolders", b"wscript", b"wsl", b"wsreset",
    b"wuauclt", b"xargs", b"xcacls", b"xcopy", b"xdotool", b"xelatex", b"xetex", b"xmllint", b"xmodmap", b"xmore",
    b"xpad", b"xwizard", b"xxd", b"xz", b"xzcat", b"xzcmp", b"xzdiff", b"xzegrep", b"xzfgrep", b"xzgrep", b"xzless",
    b"xzmore", b"yarn", b"yash", b"yelp", b"yum", b"yumdownloader", b"zathura", b"zcat", b"zcmp", b"zdiff", b"zegrep",
    b"zfgrep", b"zgrep", b"zip", b"zipcloak", b"zipdetails", b"zipgrep", b"zipinfo", b"zipnote", b"zipsplit",
    b"zless", b"zmap", b"zmore", b"zrun", b"zsh", b"zsoelim", b"zstd", b"zstdcat", b"zstdgrep", b"zstdless",
    b"zypper",
];
/// Names that no prose has: with an argument they are a command line. Sorted.
#[rustfmt::skip]
pub(super) const TOOLS: &[&[u8]] = &[
    b".sh", b".shell", b".system", b"7z", b"7za", b"7zr", b"aa-disable", b"aa-exec", b"aa-status", b"addgroup",
    b"adduser", b"agetty", b"ansible-config", b"ansible-console", b"ansible-doc", b"ansible-galaxy",
    b"ansible-inventory", b"ansible-playbook", b"ansible-pull", b"ansible-vault", b"apache2ctl", b"apachectl",
    b"appvlp", b"apt-cache", b"apt-key", b"apt-mark", b"aptitude", b"aria2c", b"arping", b"ascii-xfr", b"ash",
    b"aspnet_compiler", b"assoc", b"atbroker", b"auditctl", b"ausearch", b"basenc", b"batcat", b"bcdboot", b"bcdedit",
    b"bconsole", b"bdiff", b"bitsadmin", b"blkid", b"bpftrace", b"brctl", b"buildah", b"bundler", b"bunzip2",
    b"busctl", b"busybox", b"byebug", b"byobu", b"bzcat", b"bzdiff", b"bzegrep", b"bzfgrep", b"bzgrep", b"bzless",
    b"bzmore", b"c89", b"c99", b"cabextract", b"cacls", b"capsh", b"certbot", b"certoc", b"certreq", b"certutil",
    b"chage", b"chattr", b"checkinstall", b"chef-client", b"chef-solo", b"chef-vault", b"chfn", b"chgrp",
    b"chkconfig", b"chkdsk", b"chmod", b"choom", b"chown", b"chpasswd", b"chroot", b"chsh", b"clamscan", b"clang",
    b"cmdkey", b"cmdl32", b"cmstp", b"configsecuritypolicy", b"cowthink", b"cpio", b"cpulimit", b"crictl", b"crontab",
    b"cscli", b"cscript", b"csplit", b"csvde", b"csvtool", b"cupsfilter", b"customshellhost", b"datasvcutil",
    b"dcomcnfg", b"debugfs", b"desktopimgdownldr", b"dfsvc", b"dhclient", b"diantz", b"diskpart", b"diskshadow",
    b"dmesg", b"dmidecode", b"dmsetup", b"dnf", b"dnscmd", b"docker-compose", b"dos2unix", b"dpkg-deb", b"dpkg-query",
    b"dpkg-reconfigure", b"driverquery", b"dsquery", b"dstat", b"dvips", b"easy_install", b"efax", b"efibootmgr",
    b"egrep", b"esentutl", b"esxcli", b"ethtool", b"eventvwr", b"exiftool", b"extexport", b"extrac32", b"facter",
    b"fail2ban-client", b"faillock", b"fatrace", b"fdisk", b"findmnt", b"findstr", b"flock", b"fltmc", b"forfiles",
    b"fping", b"fsutil", b"ftype", b"gcore", b"get-childitem", b"get-content", b"get-process", b"get-service",
    b"getcap", b"getent", b"getmac", b"ginsh", b"gmake", b"gpasswd", b"gpgconf", b"gpresult", b"gpscript",
    b"gpupdate", b"grc", b"groupadd", b"groupdel", b"groupmod", b"gtester", b"hexdump", b"hostid", b"hostnamectl",
    b"hping3", b"htop", b"icacls", b"ie4uinit", b"ieexec", b"iex", b"ifconfig", b"ifdown", b"iftop", b"ifup",
    b"ilasm", b"imewdbld", b"infdefaultinstall", b"initctl", b"insmod", b"installutil", b"invoke-command",
    b"invoke-expression", b"invoke-item", b"invoke-restmethod", b"invoke-webrequest", b"invoke-wmimethod", b"ionice",
    b"ipconfig", b"iperf", b"iperf3", b"iptables", b"irb", b"irm", b"iwconfig", b"iwmi", b"iwr", b"jjs",
    b"journalctl", b"jrunscript", b"jshell", b"keytool", b"killall", b"kmod", b"ksshell", b"last-comm", b"lastlog",
    b"lastlogin", b"latexmk", b"ldapsearch", b"ldconfig", b"ldifde", b"lftp", b"lftpget", b"loginctl", b"logname",
    b"logsave", b"losetup", b"ls-f", b"lsattr", b"lsb_release", b"lsblk", b"lscpu", b"lshw", b"lsmod", b"lsns",
    b"lsof", b"lspci", b"lsusb", b"ltrace", b"lualatex", b"luatex", b"lwp-download", b"lwp-dump", b"lwp-mirror",
    b"lwp-request", b"lzcat", b"lzcmp", b"lzdiff", b"lzegrep", b"lzfgrep", b"lzgrep", b"lzless", b"lzma", b"lzmore",
    b"mailq", b"mailx", b"makecab", b"masscan", b"mavinject", b"mawk", b"md5sum", b"minikube", b"mkfifo", b"mkfs",
    b"mklink", b"mknod", b"mkpasswd", b"mksh", b"mlocate", b"modprobe", b"mosquitto", b"mpcmdrun", b"msbuild",
    b"msconfig", b"msdt", b"msfconsole", b"msgattrib", b"msgcat", b"msgconv", b"msgfilter", b"msgmerge", b"msguniq",
    b"mshta", b"msiexec", b"mstsc", b"mtr", b"multitime", b"mypy", b"mysqladmin", b"mysqldump", b"nasm", b"nawk",
    b"nbtscan", b"nbtstat", b"ncat", b"ncdu", b"needrestart", b"neofetch", b"nerdctl", b"net1", b"netcat", b"netsh",
    b"new-object", b"newgrp", b"nft", b"ngen", b"ngrep", b"nltest", b"nmcli", b"nohup", b"nproc", b"nroff",
    b"nsenter", b"nslookup", b"ntdsutil", b"ntpdate", b"ntsd", b"odbcconf", b"openfiles", b"openrc", b"openvpn",
    b"openvt", b"opkg", b"partprobe", b"passwd", b"pathping", b"pcalua", b"pcwrun", b"pdb", b"pdflatex", b"pdftex",
    b"pdksh", b"perlsh", b"pgrep", b"php-cgi", b"php5", b"php7", b"php8", b"pico", b"pidof", b"pidstat", b"pip2",
    b"pip3", b"pkexec", b"pkg", b"pkginfo", b"pkill", b"pktmon", b"pmap", b"pnputil", b"podman", b"popd",
    b"presentationhost", b"printbrm", b"printenv", b"provlaunch", b"proxychains", b"psexec", b"psftp", b"ptx",
    b"pushd", b"pwck", b"pwconv", b"pwncat", b"pwsh", b"qprocess", b"qwinsta", b"rasautou", b"rasdial", b"rc-service",
    b"rdrleakdiag", b"readarray", b"readelf", b"readlink", b"regasm", b"regedit", b"regini", b"regsvcs", b"regsvr32",
    b"remove-item", b"renice", b"resolvectl", b"restic", b"rlogin", b"rlwrap", b"rmmod", b"rmt", b"rmt-dump",
    b"rmt-tar", b"rmuser", b"robocopy", b"rpcinfo", b"rpcping", b"rpmbuild", b"rpmdb", b"rpmquery", b"rpmverify",
    b"rscript", b"rsh", b"rsync", b"rtorrent", b"run-mailcap", b"run-parts", b"runas", b"runc", b"rundll",
    b"rundll32", b"runexehelper", b"runscript", b"runscripthelper", b"runuser", b"rview", b"rvim", b"sash",
    b"scanelf", b"scapy", b"schtasks", b"scponly", b"scriptrunner", b"scrot", b"sdelete", b"sdiff", b"searchsploit",
    b"secedit", b"set-content", b"set-executionpolicy", b"setarch", b"setcap", b"setfacl", b"setsid",
    b"settingsynchost", b"setx", b"sfc", b"sftp", b"sha1sum", b"sha256sum", b"showmount", b"shuf", b"slsh",
    b"smbclient", b"socat", b"soelim", b"softlimit", b"ssh-add", b"ssh-agent", b"ssh-copy-id", b"ssh-kexec",
    b"ssh-keygen", b"ssh-keyscan", b"sshfs", b"sshpass", b"sshuttle", b"ssmtp", b"start-bitstransfer",
    b"start-process", b"start-stop-daemon", b"stdbuf", b"stordiag", b"strace", b"sudoedit", b"sulogin", b"swapoff",
    b"swapon", b"syncappvpublishingserver", b"sysctl", b"systemctl", b"systeminfo", b"takeown", b"taskkill",
    b"tasklist", b"tasksel", b"taskset", b"tclsh", b"tcpdump", b"tcping", b"tcpkill", b"tcsh", b"tdbtool",
    b"timedatectl", b"tmate", b"torsocks", b"traceroute", b"traceroute6", b"troff", b"tshark", b"tskill",
    b"ttdinject", b"tttracer", b"tzutil", b"uconv", b"udevadm", b"umount", b"uname", b"uncompress", b"unexpand",
    b"unlink", b"unlzma", b"unpigz", b"unrar", b"unregmp2", b"unset", b"unshare", b"unsquashfs", b"unxz", b"unzstd",
    b"update-alternatives", b"update-rc.d", b"useradd", b"userdel", b"usermod", b"uudecode", b"uuencode",
    b"varnishncsa", b"verclsid", b"vigr", b"vimdiff", b"vipw", b"visudo", b"vssadmin", b"w3m", b"waitfor", b"wbadmin",
    b"wevtutil", b"whereis", b"whoami", b"winget", b"winrm", b"winrs", b"wireshark", b"wlrmdr", b"wmic",
    b"workfolders", b"wscript", b"wsl", b"wsreset", b"wuauclt", b"xcacls", b"xcopy", b"xdotool", b"xelatex", b"xetex",
    b"xmllint", b"xmodmap", b"xmore", b"xwizard", b"xxd", b"xzcat", b"xzcmp", b"xzdiff", b"xzegrep", b"xzfgrep",
    b"xzgrep", b"xzless", b"xzmore", b"yash", b"yumdownloader", b"zathura", b"zcat", b"zcmp", b"zdiff", b"zegrep",
    b"zfgrep", b"zgrep", b"zipcloak", b"zipdetails", b"zipgrep", b"zipinfo", b"zipnote", b"zipsplit", b"zless",
    b"zmore", b"zrun", b"zsoelim", b"zstd", b"zstdcat", b"zstdgrep", b"zstdless", b"zypper",
];
/// Of these a bare one behind a strong separator is enough, sorted.
#[rustfmt::skip]
pub(super) const ALONE: &[&[u8]] = &[
    b"arp", b"bash", b"cmd", b"csh", b"df", b"dir", b"dmesg", b"env", b"getent", b"gpresult", b"hostid", b"hostname",
    b"hostnamectl", b"htop", b"id", b"ifconfig", b"ipconfig", b"lastlog", b"logname", b"ls", b"lsb_release", b"lsblk",
    b"lscpu", b"lsmod", b"lsof", b"lspci", b"netstat", b"nslookup", b"powershell", b"printenv", b"ps", b"pstree",
    b"pwd", b"pwsh", b"quser", b"rmt-dump", b"rmt-tar", b"sh", b"sudoedit", b"systemctl", b"systeminfo", b"tasklist",
    b"uname", b"ver", b"vipw", b"visudo", b"whoami", b"zsh",
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
/// Commands that payloads try first; words of prose too, so a short line has to look like the shell's.
#[rustfmt::skip]
pub(super) const COMMON: &[&[u8]] = &[
    b"cat", b"ls", b"env", b"rm", b"ps", b"id", b"chmod", b"chown", b"grep", b"tail", b"less", b"cp", b"mv", b"touch", b"curl",
    b"wget", b"nc", b"set", b"perf", b"tac", b"awk", b"sed", b"dd", b"df", b"du", b"ln", b"dir", b"uname", b"bash", b"sh", b"php",
];
/// Where programs stand.
pub(super) const FOLDERS: &[&[u8]] = &[
    b"/bin/",
    b"/usr/bin/",
    b"/sbin/",
    b"/usr/sbin/",
    b"/usr/local/bin/",
    b"/usr/local/sbin/",
    b"c:\\windows\\system32\\",
];

/// Is it a command? A version behind its name doesn't matter: `python3.10`.
pub(super) fn is_command(name: &[u8]) -> bool {
    has(COMMANDS, name)
}

/// Does one of the sorted names stand here, perhaps with a version?
pub(super) fn has(names: &[&[u8]], name: &[u8]) -> bool {
    let end = name.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b'.').map_or(0, |at| at + 1);
    names.binary_search(&name).is_ok()
        || (end >= 2 && end < name.len() && names.binary_search(&name.get(..end).unwrap_or_default()).is_ok())
}

/// Programs that run what follows; no prose goes on with them behind a separator.
pub(super) const INTERPRETERS: &[&[u8]] =
    &[b"powershell", b"pwsh", b"cmd", b"wscript", b"cscript", b"mshta", b"certutil"];
/// Commands of Windows that are words, with the words that make commands of them.
#[rustfmt::skip]
const SUBCOMMANDS: &[(&[u8], &[&[u8]])] = &[
    (b"net", &[b"user", b"localgroup", b"group", b"view", b"share", b"start", b"stop", b"use", b"accounts", b"session"]),
    (b"sc", &[b"query", b"create", b"start", b"stop", b"config", b"delete"]),
    (b"reg", &[b"query", b"add", b"delete", b"save", b"export"]),
    (b"netsh", &[b"advfirewall", b"interface", b"wlan", b"firewall"]),
    (b"wmic", &[b"process", b"os", b"service", b"useraccount", b"qfe", b"product", b"computersystem", b"startup", b"logicaldisk"]),
    (b"copy", &[b"con"]),
    (b"sc.exe", &[b"query", b"create", b"start", b"stop", b"config", b"delete"]),
    (b"ip", &[b"a", b"addr", b"route", b"link"]),
];

/// Does a command go on with one of its own words: `net user x`?
pub(super) fn is_subcommand(name: &[u8], arguments: &[u8]) -> bool {
    let first = arguments.trim_ascii_start();
    let length = first.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = first.get(..length).unwrap_or_default();
    SUBCOMMANDS.iter().any(|(command, words)| *command == name && words.contains(&word))
}

/// Words and commands before a command.
#[rustfmt::skip]
pub(super) const RUNNERS: &[&[u8]] = &[
    b"sudo", b"nohup", b"exec", b"command", b"time", b"env", b"busybox", b"then", b"do", b"else", b"if", b"while",
    b"xargs", b"timeout", b"nice", b"eval", b"builtin", b"set", b"strace", b"ltrace", b"ionice", b"setsid", b"stdbuf",
    b"watch", b"doas", b"chroot", b"unshare", b"taskset", b"start", b"call", b"cmd", b"/c",
];

#[cfg(test)]
mod tests {
    #[test]
    fn are_sorted_for_the_search() {
        assert!(super::COMMANDS.is_sorted());
        assert!(super::ALONE.is_sorted());
        assert!(super::TOOLS.is_sorted());
    }
}
