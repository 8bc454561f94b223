/** docs/logs.md says how spans are switched on: what it prints is run as it stands, in front of the product as it is started. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { installation, startServer } from '../../support/app/process.ts'

const root = resolve(import.meta.dirname, '../../..')

test('the file of docs/logs.md, loaded before the start: requests are exported as spans', async () => {
  const [, file = ''] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(root, 'docs/logs.md'), 'utf8')) ?? []
  expect(file.trim().split('\n')).toHaveLength(6)
  const folder = mkdtempSync(join(tmpdir(), 'sigma-otel-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'otel.mjs'), file)

  const where = await installation({ settings: { log: { level: 'info' } } })
  const server = await startServer(where, { NODE_OPTIONS: `--import=${join(folder, 'otel.mjs')}` })
  const { headers } = await fetch(`${where.origin}/recover`)
  await expect.poll(() => server.printed().out, { timeout: 30_000 }).toContain("name: 'GET /recover'")
  const { out, err } = server.printed()
  expect(out).toContain(`'sigma.correlation': '${headers.get('x-request-id')}'`)
  const line = err.split('\n').find((text) => text.includes('"route":"/recover"'))
  expect(out).toContain(`traceId: '${JSON.parse(line ?? '{}').trace}'`)
})
