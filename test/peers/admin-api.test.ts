/**
 * The API of administration by tools that others made: validators take its document, and clients generated from it do the
 * whole life of an application against the server.
 */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, expect, test } from 'vitest'
import { API, adminWorld, call, serviceToken } from '../support/oidc/admin-api.ts'
import { PYTHON } from '../support/peers/peer.ts'
import { forAllTests } from '../support/runner/made.ts'
import { describeUnless } from '../support/services/services.ts'

const APPLICATIONS = resolve(import.meta.dirname, 'apps')
const TYPESCRIPT = join(APPLICATIONS, 'admin-api-typescript')
const PYTHON_CLIENT = join(APPLICATIONS, 'admin-api-python')

const here = forAllTests(() => adminWorld())
let document: string
beforeAll(async () => {
  document = JSON.stringify((await call(here.app.origin, '/admin/api/openapi.json')).body)
})

interface Where {
  cwd: string
  env?: Record<string, string>
}

/** Not while everything else stands still: the server is in this process. */
async function run(program: string, args: string[], { cwd, env = {} }: Where): Promise<string> {
  const { PATH = '', HOME = '' } = process.env
  const running = promisify(execFile)(program, args, { cwd, env: { PATH, HOME, ...env } })
  // Not all of them read it, and one that is done first is no fault.
  running.child.stdin?.on('error', () => undefined).end(document)
  return (await running).stdout
}

async function lived(program: string, args: string[], { cwd, env = {} }: Where): Promise<unknown> {
  const given = { ...env, API: here.app.origin + API, TOKEN: await serviceToken(here, 'robot') }
  return JSON.parse(await run(program, args, { cwd, env: given }))
}

/** What a client has to have told, by whatever it was made. */
function life(id: string) {
  return {
    made: [201, 1, 43],
    again: [201, 'none', true],
    read: ['Life', 'active'],
    changed: ['client_name'],
    stale: [412, 'changed-meanwhile', ['client_name']],
    secret: [201, 43],
    removed: 200,
    status: [200, 200],
    list: [id],
    wrong: ['#/redirect_uris/0'],
    deleted: 200,
    gone: 'deleted',
  }
}

describeUnless(existsSync(join(TYPESCRIPT, 'node_modules')) ? [] : ['test/peers/apps/prepare'], 'on Node', () => {
  test('the schema of OpenAPI 3.1 takes the document', async () => {
    const told = JSON.parse(await run(process.execPath, ['validate.js'], { cwd: TYPESCRIPT }))
    expect(told).toEqual({ valid: true, version: '3.1' })
  })

  test('a client with types made by openapi-typescript is held to them, and does the whole life of an application', async () => {
    const bin = join(TYPESCRIPT, 'node_modules/.bin')
    mkdirSync(join(TYPESCRIPT, '.made'), { recursive: true })
    writeFileSync(join(TYPESCRIPT, '.made/openapi.json'), document)
    await run(
      join(bin, 'openapi-typescript'),
      ['.made/openapi.json', '--output', '.made/schema.d.ts', '--default-non-nullable=false'],
      { cwd: TYPESCRIPT },
    )
    await run(join(bin, 'tsc'), ['--project', '.'], { cwd: TYPESCRIPT })
    expect(await lived(process.execPath, ['life.ts'], { cwd: TYPESCRIPT, env: {} })).toEqual(life('life-ts'))
  })
})

describeUnless(existsSync(PYTHON) ? [] : ['test/peers/apps/prepare'], 'in Python', () => {
  test('openapi-spec-validator takes the document', async () => {
    expect(await run(PYTHON, ['-m', 'openapi_spec_validator', '-'], { cwd: PYTHON_CLIENT })).toContain('OK')
  })

  test('a client made by openapi-python-client does the whole life of an application', async () => {
    const made = join(PYTHON_CLIENT, '.made')
    mkdirSync(made, { recursive: true })
    writeFileSync(join(made, 'openapi.json'), document)
    const generator = [
      '-m',
      'openapi_python_client',
      'generate',
      '--path',
      'openapi.json',
      '--meta',
      'none',
      '--overwrite',
    ]
    await run(PYTHON, [...generator, '--output-path', 'sigma_admin'], { cwd: made })
    expect(await lived(PYTHON, ['life.py'], { cwd: PYTHON_CLIENT, env: { PYTHONPATH: made } })).toEqual(life('life-py'))
  })
})
