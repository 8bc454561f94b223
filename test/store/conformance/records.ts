/**
 * What the methods of `Records` mean, for every store alike, tried over a kind that is nobody's (records-toy.ts). A
 * store's test file calls this with a way to open it twice, empty; nothing here knows how a store keeps anything.
 */
import { afterEach, beforeEach, describe } from 'vitest'
import { recordChanges } from './records-changes.ts'
import { recordCopying } from './records-copying.ts'
import { recordFinding } from './records-finding.ts'
import type { OpenedToys } from './records-toy.ts'

export function recordConformance(name: string, open: () => Promise<OpenedToys>): void {
  describe(`records on ${name}`, () => {
    let opened: OpenedToys

    beforeEach(async () => {
      opened = await open()
    })
    afterEach(() => opened.destroy())

    recordFinding(() => opened)
    recordChanges(() => opened)
    recordCopying(() => opened, open)
  })
}
