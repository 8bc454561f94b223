/** Ports that tests use: no two of them are one, however many ask at once. */
import { expect, test } from 'vitest'
import { freePort } from '../../support/app/ports.ts'

test('ports that are asked for at the same moment are different ones', async () => {
  const ports = await Promise.all(Array.from({ length: 100 }, freePort))
  expect(new Set(ports).size).toBe(100)
})
