/** What is done to root keys beside the one server of a file. */
import { expect, onTestFinished, test } from 'vitest'
import { rootKeyCommands } from '../../src/app/root-key-commands.ts'
import { note } from '../../src/keys/in-use.ts'
import { keyring } from '../../src/lib/crypto.ts'
import { HOUR, MINUTE } from '../../src/lib/time.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { NEW, OLD } from '../support/keys/sealed-house.ts'
import { NOW } from '../support/samples/records.ts'

test('a server that went back to the old key, and may not know the new one, is not sealed anew under', async () => {
  const store = openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  let at = NOW
  const now = () => at
  const start = (ring: ReturnType<typeof keyring>) => note({ records: store.durable.rootKeys, ring, now })
  const commands = rootKeyCommands({
    ...{ store, ring: keyring([NEW, OLD]), now, operator: 'anna' },
    record: async () => undefined,
  })
  await start(keyring([NEW, OLD]))
  at += HOUR
  await start(keyring([OLD]))
  at += HOUR
  await expect(commands.reseal(() => undefined)).rejects.toMatchObject({
    code: 'in-use-elsewhere',
    message: expect.stringMatching(/^a server had "old" in front last: restart/),
  })
  expect((await commands.status()).keys).toContainEqual(expect.objectContaining({ id: 'old', canBeRemoved: false }))
  at += MINUTE
  await start(keyring([NEW, OLD]))
  const { keys } = await commands.reseal(() => undefined)
  expect(keys).toContainEqual(expect.objectContaining({ id: 'old', canBeRemoved: true }))
})
