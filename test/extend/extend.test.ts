/**
 * What README's «Extend it» promises: each addition touches the files that its row names and no other; the types hold,
 * and the tests of that part, and one of its own, pass. Each in a scratch copy of the repository.
 */
import { describe, expect, onTestFinished, test } from 'vitest'
import { carrier } from './carrier.ts'
import { factor } from './factor.ts'
import { language } from './language.ts'
import { notice } from './notice.ts'
import { type Addition, namedFor, scratch } from './scratch.ts'
import { verb } from './verb.ts'

const ADDITIONS: Addition[] = [language, carrier, verb, notice, factor]

describe.each(ADDITIONS)('$row', ({ row, apply, test: own, tests }) => {
  test('costs the files that README names; types and tests hold', async () => {
    const copy = scratch()
    onTestFinished(copy.remove)
    apply(copy)

    const named = namedFor(row)
    expect(copy.touched.filter((file) => !named.some((pattern) => pattern.test(file)))).toEqual([])
    expect(named.filter((pattern) => !copy.touched.some((file) => pattern.test(file)))).toEqual([])

    const ownTest = `test/${own.project}/extended/own.test.ts`
    copy.add(ownTest, own.text)
    await copy.run('node_modules/.bin/tsc', ['--noEmit'])
    const files = ['test/unit/docs', 'test/architecture.test.ts', ownTest, ...tests]
    const projects = ['--project', 'unit', '--project', own.project]
    const said = await copy.run('node_modules/.bin/vitest', ['run', ...projects, ...files])
    expect(said).toMatch(/^\d+ passed, 0 failed$/m)
  })
})
