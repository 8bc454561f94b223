/** A logo by the API and the command line: what the pages make of a picture, these make of it as well. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MOST_BYTES } from '../../../src/client/logo-picture.ts'
import { commandLine, installation, prepared } from '../../support/app/process.ts'
import { adminWorld, serviceCaller } from '../../support/oidc/admin-api.ts'
import { forAllTests } from '../../support/runner/made.ts'
import { gif, jpeg, large, png } from '../../support/samples/pictures.ts'

/** A process of its own for every command. */
const PATIENCE = 240_000

const here = forAllTests(() => adminWorld())
const ifMatch = (version: number) => ({ 'if-match': `"${version}"` })
const encoded = async (bytes: Buffer | Promise<Buffer>) => ({ image: (await bytes).toString('base64') })

test('the API gives one over the version that was read, tells which, and takes it away', async () => {
  const robot = await serviceCaller(here, 'robot')
  const path = '/clients/roster'
  const fields = { client_id: 'roster', client_name: 'Roster', redirect_uris: ['https://roster.example.org/cb'] }
  expect(await robot.make('/clients', fields)).toMatchObject({ status: 201 })
  const bad: Array<[object, string]> = [
    [await encoded(gif()), 'unknown-format'],
    [{ image: 'no base64!' }, 'format'],
    [{ image: '' }, 'empty'],
    [await encoded((await large(MOST_BYTES)).subarray(0, MOST_BYTES + 3)), 'too-long'],
    [{}, 'required'],
  ]
  for (const [body, code] of bad)
    expect(await robot.send('POST', `${path}/logo`, body, ifMatch(1))).toMatchObject({
      status: 400,
      body: { errors: [{ code, pointer: '#/image' }] },
    })
  expect(await robot.send('POST', `${path}/logo`, await encoded(large(2 * MOST_BYTES)), ifMatch(1))).toMatchObject({
    status: 413,
  })
  expect(await robot.send('POST', `${path}/logo`, await encoded(png()))).toMatchObject({ status: 428 })
  expect(await robot.send('POST', `${path}/logo`, await encoded(jpeg()), ifMatch(1))).toMatchObject({
    status: 200,
    body: { version: 2, changes: [{ field: 'logo' }] },
  })
  // A whole megabyte comes through.
  const full = Buffer.concat([await png(), Buffer.alloc(MOST_BYTES)]).subarray(0, MOST_BYTES)
  expect(await robot.send('POST', `${path}/logo`, await encoded(full), ifMatch(2))).toMatchObject({ status: 200 })
  const { logo } = (await robot.get(path)).body
  expect((await fetch(`${here.app.origin}/logo/${logo}.png`)).status).toBe(200)
  expect(JSON.stringify((await robot.get('/clients?text=roster')).body)).toContain(`"logo":"${logo}"`)

  expect(await robot.send('DELETE', `${path}/logo`, undefined, ifMatch(2))).toMatchObject({ status: 412 })
  expect(await robot.send('DELETE', `${path}/logo`, undefined, ifMatch(3))).toMatchObject({ body: { version: 4 } })
  expect((await robot.get(path)).body).not.toHaveProperty('logo')
  const reader = await serviceCaller(here, 'reader')
  expect(await reader.send('DELETE', `${path}/logo`, undefined, ifMatch(4))).toMatchObject({ status: 403 })
})

test('the command line reads a file', { timeout: PATIENCE }, async () => {
  const where = await prepared(await installation())
  const folder = mkdtempSync(join(tmpdir(), 'sigma-id-logo-'))
  const file = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes)
    return join(folder, name)
  }
  const run = (image: string) => commandLine(where, 'client:logo', '--client', 'portal', '--image', image)
  for (const [image, words] of [
    [file('page.png', Buffer.from('<html>')), 'is no PNG, JPEG or WebP'],
    [file('large.png', await large(2 * MOST_BYTES)), 'is too large'],
    [join(folder, 'none.png'), 'is no file that can be read here'],
    [folder, 'is no file that can be read here'],
  ] as const)
    expect(await run(image)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(words) })
  const given = await run(file('logo.png', await png()))
  expect(given).toMatchObject({ code: 0, err: '' })
  expect(JSON.parse(given.out)).toMatchObject({ version: 2, changes: [{ field: 'logo', to: expect.any(String) }] })
  expect(await commandLine(where, 'client:remove-logo', '--client', 'portal')).toMatchObject({ code: 0 })
})
