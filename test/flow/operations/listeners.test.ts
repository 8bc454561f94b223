/** A throw where nobody catches it is a line in the log, and everybody else goes on. */
import { expect, test } from 'vitest'
import { installation, startServer } from '../../support/app/process.ts'

/** At SIGUSR2 no map has what a request is counted by any more: its method, route and class of status. */
const POLLUTED = `process.on('SIGUSR2', () => {
  const { get } = Map.prototype
  Map.prototype.get = function (key) {
    if (/^GET .* 2xx$/.test(key)) throw new TypeError('polluted')
    return get.call(this, key)
  }
})`
/** At SIGUSR2 something throws that nobody listens to, and a promise rejects. */
const THROWN = `process.on('SIGUSR2', () => {
  void Promise.reject(new Error('a promise of nobody'))
  setImmediate(() => { throw new Error('a throw of nobody') })
})`

const preload = (code: string) => ({ NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` })

test.each([
  ['listeners throw at the end of every request, for what somebody did to every map', POLLUTED, ['"listener"']],
  ['something throws and a promise rejects that nobody waits for', THROWN, ['promise of nobody', 'throw of nobody']],
])('%s: the process goes on, and the log has it', async (_what, code, lines) => {
  const where = await installation({ settings: { log: { level: 'error' } } })
  const server = await startServer(where, preload(code))
  server.signal('SIGUSR2')
  const answered = () => fetch(`${where.origin}/.well-known/openid-configuration`).then(({ status }) => status)
  for (const line of lines)
    await expect
      .poll(async () => [await answered(), server.printed().err.includes(line)], { timeout: 20_000 })
      .toEqual([200, true])
  server.signal('SIGTERM')
  expect((await server.ended).code).toBe(0)
})
