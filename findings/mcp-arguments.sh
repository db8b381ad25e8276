#!/bin/sh
# MCP's SDKs: what a tool is called with, and what a tool does whose caller has given up.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0
cd "$work"
npm install --silent --no-audit --no-fund @modelcontextprotocol/sdk@1.32.2 zod@4.6.7 >/dev/null
cat > server.py <<'PYTHON'
import time
from pathlib import Path

import anyio
from mcp.server.mcpserver import MCPServer

server = MCPServer("gate")


@server.tool()
def reject(run: str, reason: str | None = None, final: bool = False) -> list[str]:
    return [repr(run), repr(reason), repr(final)]


@server.tool()
async def ship(name: str) -> None:
    await anyio.sleep(1.5)
    Path(name).touch()


@server.tool()
def ship_plainly(name: str) -> None:
    time.sleep(1.5)
    Path(name).touch()


server.run("stdio")
PYTHON
cat > server.mjs <<'SCRIPT'
import { writeFileSync } from 'fs';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';
const server = new McpServer({ name: 'gate', version: '1' });
const reject = { run: z.string(), reason: z.string().nullish(), final: z.boolean().default(false) };
server.registerTool('reject', { inputSchema: reject }, ({ run, reason, final }) => ({
  content: [{ type: 'text', text: JSON.stringify([run, reason, final]) }],
}));
server.registerTool('ship', { inputSchema: { name: z.string() } }, async ({ name }) => {
  await new Promise((done) => setTimeout(done, 1500));
  writeFileSync(name, '');
  return { content: [] };
});
await server.connect(new StdioServerTransport());
SCRIPT
cat > client.mjs <<'SCRIPT'
import assert from 'assert';
import { existsSync } from 'fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
const servers = { python: ['venv/bin/python', 'server.py'], npm: ['node', 'server.mjs'] };
const cases = [ // arguments; what the tool sees in Python, in JavaScript
  [{ run: 'null', reason: 'null' }, "'null' None False", '["null","null",false]'],
  [{ run: '1', reason: '[2026] late' }, "'1' '[2026] late' False", '["1","[2026] late",false]'],
  [{ run: '1', reason: '[2026]' }, 'refused', '["1","[2026]",false]'],
  [{ run: '1', final: 'yes' }, "'1' None True", 'refused'],
  [{ run: '1', reson: 'late' }, "'1' None False", '["1",null,false]'],
];
for (const [name, [command, script]] of Object.entries(servers)) {
  const client = new Client({ name: 'agent', version: '1' });
  await client.connect(new StdioClientTransport({ command, args: [script], stderr: 'ignore' }));
  for (const [given, python, npm] of cases) {
    const answer = await client.callTool({ name: 'reject', arguments: given });
    const seen = answer.isError ? 'refused' : answer.content.map((each) => each.text).join(' ');
    console.log(`${name}: ${JSON.stringify(given)} arrives as ${seen}`);
    assert.equal(seen, name === 'python' ? python : npm);
  }
  for (const [tool, lands] of name === 'python' ? [['ship', false], ['ship_plainly', true]] : [['ship', true]]) {
    const file = `${name}-${tool}`;
    const call = client.callTool({ name: tool, arguments: { name: file } }, undefined, { timeout: 300 });
    await assert.rejects(call, /timed out/);
    await new Promise((done) => setTimeout(done, 3000));
    console.log(`${name}: ${tool}, whose caller gave up after 0.3 s, ${existsSync(file) ? 'shipped' : 'did not ship'}`);
    assert.equal(existsSync(file), lands);
  }
  await client.close();
}
SCRIPT
node client.mjs
