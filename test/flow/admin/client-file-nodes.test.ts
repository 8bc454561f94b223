/**
 * The file of applications where there are several to apply it: commands at once, and servers that start with it. In the
 * cluster's run of these flows on MongoDB and Redis.
 */
import { expect, test } from 'vitest'
import { applyAll, done, NOTHING, PATIENCE, PORTAL, place, ROSTER, write } from '../../support/app/client-file.ts'
import { commandLine, startServer } from '../../support/app/process.ts'

test(
  'of two that apply at once one wins, and the other hears what changed',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER])
    const { digest } = await done(where, 'clients:plan')
    const both = await Promise.all([1, 2].map(() => commandLine(where, 'clients:apply', '--digest', digest)))
    expect(both.map(({ code }) => code).sort()).toEqual([0, 1])
    expect(both.find(({ code }) => code === 1)?.err).toMatch(/not the plan any more: now it is nothing to do/)
    expect(await done(where, 'clients:plan')).toMatchObject(NOTHING)
  },
  PATIENCE,
)

test(
  'a server whose file says something else goes on with the store, and says what its file would change',
  async () => {
    const where = await place()
    write(where, [PORTAL, ROSTER])
    await applyAll(where)
    write(where, [{ ...PORTAL, client_name: 'Another Portal' }])
    const server = await startServer(where)
    expect(server.printed().err).toMatch(/portal changed \(client_name\); roster disabled/)
    expect((await done(where, 'clients:plan')).changed).toMatchObject([{ changes: [{ from: 'Sigma Portal' }] }])
  },
  PATIENCE,
)

test(
  'the first start takes the file, also where a start applies none',
  async () => {
    const where = await place()
    write(where, [PORTAL])
    await startServer(where)
    expect(await done(where, 'clients:plan')).toMatchObject({ ...NOTHING, untouched: [{ id: 'portal' }] })
  },
  PATIENCE,
)
