/** Somebody takes the store away from under a running server: it ends, says why, and leaves nothing undone that it was told of. */
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Ended, installation, isReady, startServer } from '../../support/app/process.ts'

function fatal({ err }: Ended): Array<{ msg: string; fault: { reason: string; message: string } }> {
  const lines = err.split('\n').filter((line) => line.includes('"level":"fatal"'))
  return lines.map((line) => JSON.parse(line))
}

const ENDS = 'the store is no longer the one of this server: this process ends and has to be started again'

test('the file that keeps others away is removed, and another server starts: the first one ends, and tells who has the store', async () => {
  const where = await installation()
  const first = await startServer(where)
  rmSync(join(where.data, 'sigma-id.db.lock'))
  const beside = await installation({ settings: { data: where.data } })
  const second = await startServer(beside)

  // Asking whether it is ready is a sign of life, at which it looks.
  expect(await isReady(where)).toBe(false)
  const ended = await first.ended
  expect([ended.code, ended.signal]).toEqual([1, null])
  expect(fatal(ended)).toMatchObject([{ msg: ENDS, fault: { reason: 'store-lost' } }])
  expect(ended.err).toContain(`process ${second.pid} on `)
  expect(await isReady(beside)).toBe(true)
})

test('the file is moved away: its server ends, and what it has written is in the file', async () => {
  const where = await installation()
  const server = await startServer(where)
  const [file, moved] = ['sigma-id.db', 'moved.db'].map((name) => join(where.data, name)) as [string, string]
  renameSync(file, moved)
  expect(await isReady(where)).toBe(false)
  const ended = await server.ended
  expect(ended.err).toContain(`${file} was moved, removed or replaced`)
  expect([ended.code, fatal(ended).map(({ msg }) => msg)]).toEqual([1, [ENDS]])
  renameSync(moved, file)
  await startServer(where)
  expect(await isReady(where)).toBe(true)
})
