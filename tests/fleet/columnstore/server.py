# SPDX-License-Identifier: GPL-2.0-or-later
"""A clickhouse-server of the test's own, on loopback, and a proxy before it that loses what it is told to lose."""

import http.server
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request

READY_SECONDS = 120
CONFIG = """<?xml version="1.0"?>
<yandex>
    <logger><level>warning</level><log>{directory}/log</log><errorlog>{directory}/errors</errorlog></logger>
    <http_port>{http}</http_port><tcp_port>{tcp}</tcp_port><listen_host>127.0.0.1</listen_host>
    <path>{directory}/data/</path><tmp_path>{directory}/tmp/</tmp_path><users_config>{directory}/users.xml</users_config>
    <default_profile>default</default_profile><default_database>default</default_database>
    <mark_cache_size>268435456</mark_cache_size>
    {compression}
</yandex>
"""
USERS = """<?xml version="1.0"?>
<yandex>
    <profiles><default><max_memory_usage>4000000000</max_memory_usage></default></profiles>
    <users><default><password></password><networks><ip>127.0.0.1</ip></networks><profile>default</profile>
        <quota>default</quota></default></users>
    <quotas><default/></quotas>
</yandex>
"""


def free_ports(n):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Server:
    def __init__(self, directory, compression):
        """`compression`: the file of that name of the examples, whose setting it has."""
        self._directory, self._process = pathlib.Path(directory), None
        text = pathlib.Path(compression).read_text(encoding="utf-8")
        inner = text[text.index("<compression>"):text.index("</yandex>")]
        (self._directory / "users.xml").write_text(USERS, encoding="utf-8")
        # Another program may take a port before the server does.
        for last in (False, False, True):
            self.http, self.tcp = free_ports(2)
            self.url = f"http://127.0.0.1:{self.http}"
            (self._directory / "config.xml").write_text(
                CONFIG.format(directory=directory, http=self.http, tcp=self.tcp, compression=inner), encoding="utf-8")
            try:
                self.start()
                return
            except AssertionError as error:
                if last:
                    raise SystemExit(str(error)) from None

    def start(self):
        program = shutil.which("clickhouse-server", path="/usr/bin:/usr/sbin")
        with open(self._directory / "out", "ab") as out:
            self._process = subprocess.Popen([program, f"--config-file={self._directory}/config.xml"], cwd=self._directory,
                                             stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.query("SELECT 1")
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > end:
                    said = (self._directory / "out").read_text(encoding="utf-8", errors="replace")
                    self.close()
                    raise AssertionError(f"clickhouse-server does not answer: {said[-2000:]}") from None
            time.sleep(0.1)

    def query(self, sql):
        try:
            with urllib.request.urlopen(self.url, sql.encode(), timeout=300) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{sql[:200]}: {error.read().decode(errors='replace')}") from None

    def number(self, sql):
        return int(self.query(sql))

    def cpu(self):
        """Seconds of CPU time that it has used."""
        fields = pathlib.Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill(self):
        self._process.kill()
        self._process.wait()

    def close(self):
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


class Proxy:
    """
    Passes requests on. `fault(n, body)` is asked at the nth insert, and names what happens to it: None; "request": it gets
    lost; "answer": its answer gets lost; a text: this is the answer, as an error of ClickHouse; or a function that is called
    when ClickHouse has answered, after which the answer gets lost.
    """

    def __init__(self, server, fault):
        self.inserts = 0
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                insert = "INSERT" in self.path
                proxy.inserts += insert
                what = fault(proxy.inserts, body) if insert else None
                if what == "request":
                    self.close_connection = True
                    return
                status, answer = (500, what.encode()) if isinstance(what, str) and what != "answer" else self.passed_on(body)
                if callable(what):
                    what()
                if what == "answer" or callable(what) or not status:
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def passed_on(self, body):
                try:
                    with urllib.request.urlopen(server.url + self.path, body, timeout=300) as answer:
                        return 200, answer.read()
                except urllib.error.HTTPError as error:
                    return error.code, error.read()
                except OSError:
                    return 0, b""

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
