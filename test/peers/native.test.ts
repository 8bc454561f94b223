/** Programs on somebody's own machine, to which the browser comes back on the loopback; see docs/applications.md. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { folderOf, missing, type Product, startProduct, strangeBlocks } from '../support/peers/peer.ts'
import { obligeAll, type Someone, somebody } from '../support/people/step-up.ts'
import { describeUnless } from '../support/services/services.ts'

/** Runs it in the application's folder; it never outlives us. */
function run(library: string, env: Record<string, string>, ...command: string[]): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    cwd: folderOf(library),
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** What it prints, line by line. */
function linesOf({ stdout }: ChildProcess): AsyncIterator<string> {
  if (!stdout) throw new Error('nothing to read from')
  return createInterface({ input: stdout })[Symbol.asyncIterator]()
}

/** The next line that has this in it. */
async function lineWith(lines: AsyncIterator<string>, sign: string): Promise<string> {
  for (let next = await lines.next(); !next.done; next = await lines.next())
    if (next.value.includes(sign)) return next.value
  throw new Error(`it ended without ${sign}`)
}

/** Somebody who opens the address that was printed, and answers what comes. */
async function whoOpens(address: string, { app }: Product): Promise<Someone> {
  const who = await somebody(app)
  await who.browser.visit(address)
  await obligeAll(who)
  return who
}

describeUnless(missing({ library: 'native-loopback', needs: ['go'] }), 'native-loopback', () => {
  let product: Product
  beforeAll(async () => {
    product = await startProduct('native-loopback')
  })
  afterAll(() => product?.app.stop())

  async function signIn(): Promise<void> {
    const before = product.redeemed()
    const program = run('native-loopback', product.given, '.made/roster')
    const ended = once(program, 'close')
    const lines = linesOf(program)
    const who = await whoOpens(await lineWith(lines, `${product.app.origin}/auth?`), product)
    expect(new URL(who.browser.page.url).host).toMatch(/^127\.0\.0\.1:\d+$/)
    for (const _before of ['signed in', 'refreshed'])
      expect(JSON.parse(await lineWith(lines, '{'))).toMatchObject({ name: 'Sanne de Vries', email: who.email })
    expect(await ended).toEqual([0, null])
    expect(product.redeemed()).toBe(before + 2)
  }

  test('signs in by a port that was free, shows name and e-mail, and refreshes', signIn)
  test('signs in after a rotation to a key that it has never seen', async () => {
    for (const forced of [true, true]) await product.rotate({ forced })
    await signIn()
  })
  test('its page shows what runs here', () => expect(strangeBlocks('native-loopback')).toEqual([]))
})

describeUnless(missing({ library: 'oidc-agent', needs: ['oidc-agent'] }), 'oidc-agent', () => {
  let product: Product
  let home: string
  let agent: ChildProcess
  let env: Record<string, string>
  beforeAll(async () => {
    product = await startProduct('oidc-agent')
    home = mkdtempSync(join(tmpdir(), 'sigma-id-oidc-agent-'))
    const socket = join(home, 'agent')
    env = { ...product.given, HOME: home, OIDC_SOCK: socket, OIDC_ENCRYPTION_PW: 'a passphrase' }
    agent = run('oidc-agent', env, 'oidc-agent', '--console', `--socket-path=${socket}`)
    while (!existsSync(socket)) await pause(10)
  })
  afterAll(async () => {
    agent?.kill()
    rmSync(home, { recursive: true, force: true })
    await product?.app.stop()
  })

  /** What the access token opens. */
  async function claims(...options: string[]): Promise<unknown> {
    const { stdout } = run('oidc-agent', env, 'oidc-token', ...options, 'sigma')
    const token = stdout ? await text(stdout) : ''
    const answer = await fetch(`${product.app.origin}/me`, { headers: { authorization: `Bearer ${token.trim()}` } })
    return answer.json()
  }

  test('a client without a secret, which sends an empty one by Basic, signs in and refreshes, by new keys too', async () => {
    const program = run('oidc-agent', env, './sign-in')
    const ended = once(program, 'close')
    const who = await whoOpens(await lineWith(linesOf(program), '/auth?'), product)
    expect(who.browser.page).toMatchObject({ status: 200, url: expect.stringContaining('http://localhost:') })
    expect(await ended).toEqual([0, null])
    const person = { name: 'Sanne de Vries', email: who.email }
    expect(await claims()).toMatchObject(person)
    const before = product.redeemed()
    expect(await claims('--time=3600')).toMatchObject(person)
    for (const forced of [true, true]) await product.rotate({ forced })
    expect(await claims('--time=3600')).toMatchObject(person)
    expect(product.redeemed()).toBe(before + 2)
  })

  test('its page shows what runs here', () => expect(strangeBlocks('oidc-agent')).toEqual([]))
})
