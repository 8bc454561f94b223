/** How much of the crowd gets in at once; who gets in at all is test/flow/attacks/crowd.test.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type CrowdDoorParts, crowdDoor } from '../../../src/web/crowd-door.ts'

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('four requests of programs begin in one turn of the event loop, and one of anybody else', async () => {
  const begun: string[] = []
  const never = () => {
    throw new Error('nobody is asked')
  }
  const handle = ({ url = '' }: IncomingMessage) => void begun.push(url)
  const door = crowdDoor({ now: () => 0 } as unknown as CrowdDoorParts, handle, never)
  const enter = (url: string) =>
    door.enter({ method: 'GET', url } as IncomingMessage, { destroyed: false } as ServerResponse)
  for (const path of ['/me', '/token', '/me', '/jwks', '/me', '/account', '/account']) enter(path)
  expect(begun).toEqual(['/me', '/token', '/me', '/jwks'])
  await turn()
  expect(begun.slice(4)).toEqual(['/me'])
  await turn()
  expect(begun.slice(5)).toEqual(['/account'])
  await turn()
  expect(begun.slice(6)).toEqual(['/account'])
})
