//! Which commands do payloads run?

use crate::detect::verify::word_list::WordList;

/// Commands that are words of prose too, or of other languages: their arguments decide.
pub(super) static COMMANDS: WordList = WordList::new(
    "adb alias ansible apk apropos apt apt-get arj arp ash aspell assoc at attrib awk base32 base64 basename bash bg bzip2 cat \
     cc cd chef cipher cmd cmp cobc column comm compact composer control copy cowsay cp cpan csc csh ctr curl cut \
     dash date dd declare del df dialog diff dig dir docker dosbox dotnet dpkg eb echo ed elvish emacs env eqn erase \
     expand export expr fg fgrep file find fish fmt fold ftp gawk gcc gdb gem genie gimp git go gpg grep groups \
     gunzip gzip hash head helm hh history host hostname iconv id ip ispell java jobs jq jsc julia kill klist knife \
     ksh kubectl label last latex ld.so ldd less ll ln locale locate logoff look ls lua lxc lxd lynx mail man md \
     mkdir mmc mode more mount move mutt mv mysql nano nc net netstat nginx nl nmap node nodejs npm npx oc octave od \
     openssl pandoc paste pax perf perl pg php pic pico ping pip powershell pr printf pry ps psql psr puppet pwd python \
     python2 python3 query quser rake rc rcp rd read reg ren rename replace rev rm rmdir route rpm ruby runonce sc \
     scp screen script sed sendmail service set sg sh shred shutdown sleep snap sort source split ss ssh start stat \
     strings su subst sudo svn tac tail tar tbl tee telnet tftp timeout tmux toe top touch tr trap tree type ufw ul \
     ulimit umask undelete uniq unzip vagrant valgrind vbc ver verifier vi view vim virsh vlc vol volatility w wall \
     watch wc wget where which who whois wish xargs xpad xz yarn yelp yum zip zmap zsh",
);
/// Commands whose names no prose has: with an argument they are a command line.
pub(super) static TOOLS: WordList = WordList::new(
    ".sh .shell .system 7z 7za 7zr aa-disable aa-exec aa-status addgroup adduser agetty ansible-config \
     ansible-console ansible-doc ansible-galaxy ansible-inventory ansible-playbook ansible-pull ansible-vault \
     apache2ctl apachectl appvlp apt-cache apt-key apt-mark aptitude aria2c arping ascii-xfr aspnet_compiler \
     atbroker auditctl ausearch basenc batcat bcdboot bcdedit bconsole bdiff bitsadmin blkid bpftrace brctl \
     buildah bundler bunzip2 busctl busybox byebug byobu bzcat bzdiff bzegrep bzfgrep bzgrep bzless bzmore c89 c99 \
     cabextract cacls capsh certbot certoc certreq certutil chage chattr checkinstall chef-client chef-solo \
     chef-vault chfn chgrp chkconfig chkdsk chmod choom chown chpasswd chroot chsh clamscan clang cmdkey cmdl32 cmstp \
     configsecuritypolicy cowthink cpio cpulimit crictl crontab cscli cscript csplit csvde csvtool cupsfilter \
     customshellhost datasvcutil dcomcnfg debugfs desktopimgdownldr dfsvc dhclient diantz diskpart diskshadow dmesg \
     dmidecode dmsetup dnf dnscmd docker-compose dos2unix dpkg-deb dpkg-query dpkg-reconfigure driverquery dsquery \
     dstat dvips easy_install efax efibootmgr egrep esentutl esxcli ethtool eventvwr exiftool extexport extrac32 \
     facter fail2ban-client faillock fatrace fdisk findmnt findstr flock fltmc forfiles fping fsutil ftype gcore \
     get-childitem get-content get-process get-service getcap getent getmac ginsh gmake gpasswd gpgconf gpresult \
     gpscript gpupdate grc groupadd groupdel groupmod gtester hexdump hostid hostnamectl hping3 htop icacls ie4uinit \
     ieexec iex ifconfig ifdown iftop ifup ilasm imewdbld infdefaultinstall initctl insmod installutil invoke-command \
     invoke-expression invoke-item invoke-restmethod invoke-webrequest invoke-wmimethod ionice ipconfig iperf iperf3 \
     iptables irb irm iwconfig iwmi iwr jjs journalctl jrunscript jshell keytool killall kmod ksshell last-comm \
     lastlog lastlogin latexmk ldapsearch ldconfig ldifde lftp lftpget loginctl logname logsave losetup ls-f lsattr \
     lsb_release lsblk lscpu lshw lsmod lsns lsof lspci lsusb ltrace lualatex luatex lwp-download lwp-dump lwp-mirror \
     lwp-request lzcat lzcmp lzdiff lzegrep lzfgrep lzgrep lzless lzma lzmore mailq mailx makecab masscan mavinject \
     mawk md5sum minikube mkfifo mkfs mklink mknod mkpasswd mksh mlocate modprobe mosquitto mpcmdrun msbuild msconfig \
     msdt msfconsole msgattrib msgcat msgconv msgfilter msgmerge msguniq mshta msiexec mstsc mtr multitime mypy \
     mysqladmin mysqldump nasm nawk nbtscan nbtstat ncat ncdu needrestart neofetch nerdctl net1 netcat netsh \
     new-object newgrp nft ngen ngrep nltest nmcli nohup nproc nroff nsenter nslookup ntdsutil ntpdate ntsd odbcconf \
     openfiles openrc openvpn openvt opkg partprobe passwd pathping pcalua pcwrun pdb pdflatex pdftex pdksh perlsh \
     pgrep php-cgi php5 php7 php8 pidof pidstat pip2 pip3 pkexec pkg pkginfo pkill pktmon pmap pnputil podman \
     popd presentationhost printbrm printenv provlaunch proxychains psexec psftp ptx pushd pwck pwconv pwncat pwsh \
     qprocess qwinsta rasautou rasdial rc-service rdrleakdiag readarray readelf readlink regasm regedit regini \
     regsvcs regsvr32 remove-item renice resolvectl restic rlogin rlwrap rmmod rmt rmt-dump rmt-tar rmuser robocopy \
     rpcinfo rpcping rpmbuild rpmdb rpmquery rpmverify rscript rsh rsync rtorrent run-mailcap run-parts runas runc \
     rundll rundll32 runexehelper runscript runscripthelper runuser rview rvim sash scanelf scapy schtasks scponly \
     scriptrunner scrot sdelete sdiff searchsploit secedit set-content set-executionpolicy setarch setcap setfacl \
     setsid settingsynchost setx sfc sftp sha1sum sha256sum showmount shuf slsh smbclient socat soelim softlimit \
     ssh-add ssh-agent ssh-copy-id ssh-kexec ssh-keygen ssh-keyscan sshfs sshpass sshuttle ssmtp start-bitstransfer \
     start-process start-stop-daemon stdbuf stordiag strace sudoedit sulogin swapoff swapon syncappvpublishingserver \
     sysctl systemctl systeminfo takeown taskkill tasklist tasksel taskset tclsh tcpdump tcping tcpkill tcsh tdbtool \
     telnetd timedatectl tmate torsocks traceroute traceroute6 troff tshark tskill ttdinject tttracer tzutil uconv udevadm \
     umount uname uncompress unexpand unlink unlzma unpigz unrar unregmp2 unset unshare unsquashfs unxz unzstd \
     update-alternatives update-rc.d useradd userdel usermod uudecode uuencode varnishncsa verclsid vigr vimdiff vipw \
     visudo vssadmin w3m waitfor wbadmin wevtutil whereis whoami winget winrm winrs wireshark wlrmdr wmic workfolders \
     wscript wsl wsreset wuauclt xcacls xcopy xdotool xelatex xetex xmllint xmodmap xmore xwizard xxd xzcat xzcmp \
     xzdiff xzegrep xzfgrep xzgrep xzless xzmore yash yumdownloader zathura zcat zcmp zdiff zegrep zfgrep zgrep \
     zipcloak zipdetails zipgrep zipinfo zipnote zipsplit zless zmore zrun zsoelim zstd zstdcat zstdgrep zstdless \
     zypper",
);
/// Of these a bare one behind a strong separator is enough.
pub(super) static ALONE: WordList = WordList::new(
    "arp bash cmd csh df dir dmesg env getent gpresult hostid hostname hostnamectl htop id ifconfig ipconfig lastlog \
     logname ls lsb_release lsblk lscpu lsmod lsof lspci netstat nslookup powershell printenv ps pstree pwd pwsh \
     quser rmt-dump rmt-tar sh sudoedit systemctl systeminfo tasklist uname ver vipw visudo whoami zsh",
);
/// Names that nothing else has.
pub(super) const UNMISTAKABLE: &[&[u8]] =
    &[b"whoami", b"ifconfig", b"ipconfig", b"uname", b"netstat", b"systeminfo", b"tasklist", b"printenv"];
/// Commands whose argument may be any word.
pub(super) const TAKES_WORDS: WordList =
    WordList::new("chmod curl dig echo nc net nslookup ping printf rm tac telnet wget");
/// Commands that are words of headings too, and do nothing with a number.
pub(super) const HEADINGS: WordList = WordList::new(
    "at date finger format free group groups help host last line look mail make man more net open print route service set sort \
     split start test time top type users view watch where which who",
);
/// Commands that payloads try first; words of prose too, so a short line has to look like the shell's.
pub(super) static COMMON: WordList = WordList::new(
    "awk bash cat chmod chown cp curl dd df dir du env grep id less ln ls mv nc perf php ps rm sed set sh tac tail \
     touch uname wget",
);
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

/// Is it a command?
pub(in crate::detect::verify) fn is_command(name: &[u8]) -> bool {
    has(&COMMANDS, name) || has(&TOOLS, name)
}

/// Does one of the names stand here? A version behind it doesn't matter: `python3.10`. Devices are called `LS5718` and `NET1100`.
pub(super) fn has(names: &WordList, name: &[u8]) -> bool {
    let end = name.iter().rposition(|byte| !byte.is_ascii_digit() && *byte != b'.').map_or(0, |at| at + 1);
    let (name_only, version) = name.split_at(end);
    let is_version = version.len() <= 2 || version.contains(&b'.');
    names.has(name) || (end >= 3 && is_version && !version.is_empty() && names.has(name_only))
}

/// Programs that run what they are given.
pub(super) const SHELLS: &[&[u8]] = &[b"bash", b"cmd", b"csh", b"powershell", b"pwsh", b"sh", b"zsh"];
/// Does a payload run it without arguments, and is it no shell?
pub(super) fn runs_alone(name: &[u8]) -> bool {
    has(&ALONE, name) && !SHELLS.contains(&name)
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

/// `powershell iex(iwr x)`, `cmd dir`, `mshta x.hta`: does an interpreter's argument call something, or name a command or a file?
pub(super) fn is_run_by_name(arguments: &[u8]) -> bool {
    let first = arguments.trim_ascii_start();
    let length = first.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte)).count();
    let (word, rest) = first.split_at(length);
    let is_named = word.iter().any(|byte| b"-_.:".contains(byte)) && word.last().is_some_and(u8::is_ascii_alphanumeric);
    is_named
        || matches!(rest.first(), Some(b'(' | b'`' | b'$'))
        || has(&TOOLS, word)
        || has(&ALONE, word)
        || COMMON.has(word)
}

/// Does a command go on with one of its own words: `net user x`?
pub(super) fn is_subcommand(name: &[u8], arguments: &[u8]) -> bool {
    let first = arguments.trim_ascii_start();
    let length = first.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let word = first.get(..length).unwrap_or_default();
    SUBCOMMANDS.iter().any(|(command, words)| *command == name && words.contains(&word))
}

/// WordList and commands before a command.
pub(super) static RUNNERS: WordList = WordList::new(
    "/c builtin busybox call chroot cmd command coproc do doas else env eval exec if ionice ltrace nice nohup set setsid \
     start stdbuf strace sudo taskset then time timeout trap unshare until watch while xargs",
);
