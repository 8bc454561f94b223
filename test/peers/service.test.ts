/** A service that acts for itself, and an API that it calls: as their pages have them; see docs/applications.md. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/app/ports.ts'
import { folderOf, type Product, startProduct, strangeBlocks } from '../support/peers/peer.ts'
import { type Service, startService } from '../support/services/service-process.ts'

const RESOURCE = 'https://payroll.example.org/api'

let product: Product
let api: Service
let address: string

beforeAll(async () => {
  product = await startProduct('service')
  const port = await freePort()
  address = `http://localhost:${port}/`
  api = await startService({
    name: 'api',
    scheme: 'http',
    port,
    cwd: folderOf('api'),
    env: { ...product.given, RESOURCE, PORT: String(port) },
    command: () => [process.execPath, 'server.js'],
  })
})
afterAll(async () => {
  await api?.remove()
  await product?.app.stop()
})

/** What it prints. */
async function call(env: Record<string, string> = {}): Promise<string> {
  const { stdout } = spawn(process.execPath, ['call.js'], {
    cwd: folderOf('service'),
    env: { ...product.given, RESOURCE, SCOPE: 'payroll:read', API: address, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return text(stdout)
}

test('calls the API with a token that it gets once, and the API is told who calls', async () => {
  const before = product.redeemed()
  const told = '200 {"sub":"roster","scope":"payroll:read"}\n'
  expect(await call()).toBe(told + told)
  expect(product.redeemed()).toBe(before + 1)
})

test('goes on after a rotation to the key that was published a day before', async () => {
  await product.rotate()
  expect(await call()).toContain('200 {')
})

test('without a right secret, or for what its record does not have, it gets nothing', async () => {
  expect(await call({ CLIENT_SECRET: 'x'.repeat(43) })).toBe('')
  expect(await call({ SCOPE: 'payroll:approve' })).toBe('')
})

test.each(['', 'Bearer nothing', 'Basic eDp5'])('the API refuses %j', async (authorization) => {
  expect((await fetch(address, { headers: { authorization } })).status).toBe(401)
})

test.each(['service', 'api'])('the page of %s shows what runs here', (page) => expect(strangeBlocks(page)).toEqual([]))
