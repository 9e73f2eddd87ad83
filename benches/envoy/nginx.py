"""What does the same request cost nginx, by itself and with ModSecurity and the Core Rule Set?

Debian's packages, unpacked by build.sh and not installed. One process, which is master and worker; the rules block nothing, as with
the filter, so that attacks reach the application too.
"""

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time

from lab.bootstrap import ROOT

FOLDER = ROOT / "target/tools/modsecurity"

RULES = """
SecRuleEngine DetectionOnly
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 1310720
SecRequestBodyLimitAction ProcessPartial
SecRule REQUEST_HEADERS:Content-Type "^(?:application(?:/soap\\+|/)|text/)xml" "id:200000,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=XML"
SecRule REQUEST_HEADERS:Content-Type "^application/json" "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecAuditEngine Off
Include {folder}/etc/modsecurity/crs/crs-setup.conf
Include {folder}/usr/share/modsecurity-crs/rules/*.conf
"""
CONFIGURATION = """
{modules}
daemon off;
master_process off;
error_log {own}/errors crit;
pid {own}/pid;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_max_body_size 20m;
    client_body_buffer_size 2m;
    {temporary}
    upstream app {{ server 127.0.0.1:{app}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        keepalive_requests 10000000;
        {rules}
        location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""


def is_here() -> bool:
    """Could the packages be had?"""
    return (FOLDER / "nginx").exists()


class Nginx:
    """One running nginx: as much of `lab.proxy.Envoy` as is measured."""

    def __init__(self, app: int, with_rules: bool):
        self._folder = tempfile.TemporaryDirectory(prefix="user-risk-filter-")
        own = pathlib.Path(self._folder.name)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (own / "rules").write_text(RULES.replace("{folder}", str(FOLDER)))
        modules = [FOLDER / f"usr/lib/nginx/modules/{name}_module.so" for name in ("ndk_http", "ngx_http_modsecurity")]
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        (own / "nginx.conf").write_text(
            CONFIGURATION.format(
                own=own,
                app=app,
                port=self.port,
                modules="\n".join(f"load_module {module};" for module in modules) if with_rules else "",
                temporary=" ".join(f"{kind}_temp_path {own}/{kind};" for kind in kinds),
                rules=f"modsecurity on; modsecurity_rules_file {own}/rules;" if with_rules else "",
            )
        )
        command = [FOLDER / "nginx", "-e", own / "errors", "-p", own, "-c", own / "nginx.conf"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.pid = self._process.pid
        try:
            self._wait(own)
        except BaseException:
            self.stop()
            raise
        os.sched_setaffinity(self.pid, {max(os.sched_getaffinity(0))})

    def _wait(self, own: pathlib.Path) -> None:
        """Until it takes connections."""
        end = time.monotonic() + 60
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except ConnectionRefusedError:
                if self._process.poll() is not None or time.monotonic() > end:
                    errors = own / "errors"
                    raise RuntimeError(f"nginx does not start: {errors.read_text() if errors.exists() else ''}") from None
                time.sleep(0.05)

    def stop(self) -> None:
        """Ends it by its process id."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(10)
        self._folder.cleanup()
