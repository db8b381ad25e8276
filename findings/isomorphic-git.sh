#!/bin/sh
# isomorphic-git beside git in one repository: what has changed, what is committed, and who is asked before.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" && npm install --silent --no-audit --no-fund isomorphic-git@1.44.19 >/dev/null
cat >ask.mjs <<'END'
import assert from "node:assert";
import { execSync } from "node:child_process";
import fs from "node:fs";
import git from "isomorphic-git";
const dir = `${process.cwd()}/repo`;
fs.mkdirSync(dir);
const env = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@shop.example",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@shop.example",
};
const sh = (command) =>
  execSync(command, { cwd: dir, encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] }).trim();
const author = { name: "a", email: "a@shop.example" };
const looks = (what, git_says, other_says, expected) => {
  console.log(`${what}: git ${JSON.stringify(git_says)}, isomorphic-git ${JSON.stringify(other_says)}`);
  assert.deepStrictEqual([git_says, other_says], expected);
};
sh(
  "git init -q -b main && echo 1 > run.sh && printf 'notes.txt text eol=crlf\\n' > .gitattributes && printf 'a\\r\\n' > notes.txt && echo '*.log' > .gitignore && git add -A && git commit -qm one",
);
looks(
  "a clean file with eol=crlf",
  sh("git status --porcelain notes.txt"),
  await git.status({ fs, dir, filepath: "notes.txt" }),
  ["", "*modified"],
);
sh("chmod +x run.sh");
looks(
  "a file made executable",
  sh("git status --porcelain run.sh"),
  await git.status({ fs, dir, filepath: "run.sh" }),
  ["M run.sh", "unmodified"],
);
sh("git checkout -q run.sh && git worktree add -q ../beside -b beside");
const beside = await git.statusMatrix({ fs, dir: `${dir}/../beside`, filepaths: ["run.sh"] });
looks(
  "a clean file of a linked worktree",
  execSync("git status --porcelain", { cwd: `${dir}/../beside`, encoding: "utf8", env }),
  beside[0].slice(1),
  ["", [0, 2, 2]],
);
fs.writeFileSync(`${dir}/build.log`, "1");
const added = await git.add({ fs, dir, filepath: "build.log" }).then(
  () => "no error",
  (error) => error.code,
);
let refused = "no error";
try {
  sh("git add build.log");
} catch {
  refused = "refused";
}
looks("an ignored file is added", refused, added, ["refused", "no error"]);
assert.strictEqual(sh("git ls-files build.log"), "");
const commits = () => Number(sh("git rev-list --count HEAD"));
fs.writeFileSync(`${dir}/.git/hooks/pre-commit`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
const before = commits();
await git.commit({ fs, dir, author, message: "nothing is staged, and a hook says no" });
fs.writeFileSync(`${dir}/.git/refs/heads/main.lock`, "");
await git.commit({ fs, dir, author, message: "the branch is locked, too" });
let ends = "";
try {
  sh("git commit -q --no-verify --allow-empty -m x");
} catch {
  ends = "refused";
}
console.log(
  "commits by isomorphic-git past a hook that fails, with nothing staged, past the lock of the branch:",
  commits() - before,
  "- by git past the lock:",
  ends,
);
assert.deepStrictEqual([commits() - before, ends], [2, "refused"]);
END
node ask.mjs
