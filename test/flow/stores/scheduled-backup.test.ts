/** The server's own back-ups, as the settings plan them. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startApp } from '../../support/app/app.ts'

const NOW = Date.UTC(2026, 10, 30, 6, 31, 21)

test('a server with the setting backup makes one by itself, keeps when, and tells it in the trail', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-backups-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  chmodSync(folder, 0o700)
  const app = await startApp({ settings: { backup: { folder } }, now: () => NOW })
  onTestFinished(() => app.stop())
  const { store } = app.core
  expect(await store.lastBackup?.find()).toBeUndefined()
  await app.tidy()
  expect(readdirSync(folder)).toEqual([
    expect.stringMatching(/^sigma-id-localhost-\d+-[0-9a-f]{6}-20261130T063121\.000Z\.db$/),
  ])
  expect(await store.lastBackup?.find()).toBe(NOW)
  const told = (await store.durable.listAudit({ limit: 100 })).filter(({ details }) => details?.verb === 'store:backup')
  expect(told).toMatchObject([{ actor: 'system', details: { via: 'schedule' } }])
})
