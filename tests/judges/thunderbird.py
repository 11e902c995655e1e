"""usage: thunderbird.py SCRATCH light|dark SHOTS FILE.eml...  (with a DISPLAY)
Thunderbird, remote-controlled by Marionette, opens each message in a window of its own. A line of JSON each: the window's
title, what of the message it drew (text, direction, width and each picture's natural width), whether it asks to
fetch something, its List-Id; and a screenshot in SHOTS/thunderbird-NAME-SCHEME.png."""
import base64, json, os, socket, subprocess, sys, tempfile, time

PREFS = {
    # nothing that asks other machines
    "network.proxy.type": 1, "network.proxy.http": "127.0.0.1", "network.proxy.http_port": 9, "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9, "network.proxy.no_proxies_on": "localhost, 127.0.0.1", "app.update.enabled": False,
    "app.update.auto": False, "datareporting.policy.dataSubmissionEnabled": False, "toolkit.telemetry.server": "",
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True, "mailnews.start_page.enabled": False,
    "extensions.update.enabled": False, "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    # no questions at the start
    "mail.shell.checkDefaultClient": False, "mail.spotlight.firstRunDone": True, "mail.rights.version": 1, "mailnews.start_page_override.mstone": "ignore",
    "app.donation.eoy.version.viewed": 999, "mail.provider.suppress_dialog_on_startup": True, "mail.winsearch.firstRunDone": True,
    "browser.aboutwelcome.enabled": False, "mail.openMessageBehavior": 0,
}


class Marionette:
    def __init__(self, port):
        self.s = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.f = self.s.makefile("rb")
        self.n = 0
        self.read()

    def read(self):
        size = b""
        while (c := self.f.read(1)) != b":":
            if not c:
                raise EOFError("Thunderbird closed the connection")
            size += c
        return json.loads(self.f.read(int(size)))

    def call(self, name, **args):
        self.n += 1
        data = json.dumps([0, self.n, name, args]).encode()
        self.s.sendall(str(len(data)).encode() + b":" + data)
        _, _, error, result = self.read()
        if error:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result

    def run(self, script, *args):
        return self.call("WebDriver:ExecuteAsyncScript", script=script, args=list(args), sandbox="system", newSandbox=True)["value"]


OPEN = """
const [path, screenWidth, screenHeight, done] = arguments;
(async () => {
  const { MailUtils } = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
  MailUtils.openEMLFile(Services.wm.getMostRecentWindow("mail:3pane"), file, Services.io.newFileURI(file));
  for (let i = 0; i < 300; i++) {
    await new Promise(r => setTimeout(r, 100));
    const w = Services.wm.getMostRecentWindow("mail:messageWindow");
    const about = w?.document.getElementById("messageBrowser")?.contentWindow;
    const pane = about?.document?.getElementById("messagepane");
    const doc = pane?.contentDocument;
    if (!doc || doc.readyState != "complete" || !doc.body?.textContent.trim()) continue;
    w.moveTo(0, 0);
    w.resizeTo(screenWidth, screenHeight);
    await new Promise(r => setTimeout(r, 2000));
    const shown = e => !!e && !e.hidden && e.getClientRects().length > 0;
    const table = doc.querySelector("table[dir], div[dir], [dir]");
    done({
      title: w.document.title,
      subject: about.document.getElementById("expandedsubjectBox")?.textContent ?? "",
      text: doc.body.innerText,
      dir: table?.getAttribute("dir") ?? "",
      width: doc.documentElement.scrollWidth,
      window: pane.clientWidth,
      pictures: [...doc.images].map(i => ({ natural: i.naturalWidth, boxes: i.getClientRects().length })),
      blocked: shown(about.document.querySelector("#mail-notification-top notification-message[value=remoteContent]")),
      list: about.document.getElementById("expandedlist-idBox")?.textContent ?? "",
    });
    return;
  }
  done({ error: "it was not shown" });
})().catch(e => done({ error: String(e) }));
"""
CLOSE = """
const done = arguments[arguments.length - 1];
Services.wm.getMostRecentWindow("mail:messageWindow")?.close();
done(true);
"""


def main():
    scratch, scheme, shots, *files = sys.argv[1:]
    profile = tempfile.mkdtemp(prefix="thunderbird.", dir=scratch)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with open(os.path.join(profile, "user.js"), "w") as f:
        for name, value in {**PREFS, "marionette.port": port, "ui.systemUsesDarkTheme": int(scheme == "dark")}.items():
            f.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
    env = {**os.environ, "HOME": scratch, "XDG_RUNTIME_DIR": scratch, "MOZ_CRASHREPORTER_DISABLE": "1", "GTK_A11Y": "none"}
    log = open(os.path.join(scratch, "thunderbird.log"), "w")
    p = subprocess.Popen(["thunderbird", "--profile", profile, "--marionette", "--remote-allow-system-access"], env=env, stdout=log, stderr=log)
    try:
        for _ in range(600):
            try:
                m = Marionette(port)
                break
            except OSError:
                if p.poll() is not None:
                    sys.exit("Thunderbird ended by itself; see thunderbird.log")
                time.sleep(0.2)
        else:
            sys.exit("Thunderbird did not answer within two minutes")
        m.call("WebDriver:NewSession", capabilities={"alwaysMatch": {}})
        m.call("Marionette:SetContext", value="chrome")
        m.call("WebDriver:SetTimeouts", script=60000)
        for f in files:
            name = os.path.splitext(os.path.basename(f))[0]
            seen = m.run(OPEN, os.path.abspath(f), 760, 2000)
            if "error" not in seen:
                subprocess.run(["import", "-window", "root", os.path.join(shots, f"thunderbird-{name}-{scheme}.png")], check=True)
            print(json.dumps({"name": name, **seen}, ensure_ascii=False), flush=True)
            m.run(CLOSE)
    finally:
        p.terminate()
        try:
            p.wait(20)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()


main()
