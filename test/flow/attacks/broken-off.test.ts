/** Connections that are broken off before the answer: they are nobody's fault, and print nothing beside the log. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test, vi } from 'vitest'
import { startApp } from '../../support/app/app.ts'
import { forAllTests } from '../../support/runner/made.ts'

const app = forAllTests(() => startApp())

test.each(['/token', '/me', '/auth', '/signin', '/.well-known/openid-configuration'])('%s', async (path) => {
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const request = `GET ${path} HTTP/1.1\r\nHost: ${new URL(app.origin).host}\r\n\r\n`
  for (let n = 0; n < 20; n += 1) {
    const socket = connect(Number(new URL(app.origin).port), '127.0.0.1')
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    socket.write(request.repeat(n + 1), () => socket.resetAndDestroy())
    await once(socket, 'close')
  }
  expect((await fetch(`${app.origin}/healthz`)).status).toBeLessThan(500)
  const seen = printed.mock.calls
  printed.mockRestore()
  expect(seen).toEqual([])
  expect(app.logged.filter((line) => line.includes('"level":"error"'))).toEqual([])
})
