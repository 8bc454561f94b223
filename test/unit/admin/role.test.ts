/** Who may do what to whom (SECURITY ADM-02, P-02). */
import { describe, expect, test } from 'vitest'
import { type Actor, type Allowed, mayActOn, mayGive, mayRun, ROLES, type Role } from '../../../src/admin/role.ts'

const YES: Allowed = { ok: true }

function no(reason: Extract<Allowed, { ok: false }>['reason']): Allowed {
  return { ok: false, reason }
}

function onPages(...roles: string[]): Actor {
  return { id: 'actor', roles, via: 'pages', source: undefined }
}

const MACHINE: Actor = { id: undefined, roles: [], via: 'command-line', source: undefined }
/** What a page that lost its visitor would hand over. */
const NOBODY: Actor = { id: undefined, roles: [], via: 'pages', source: undefined }

describe('mayRun', () => {
  test.each<[string, Actor, Role[], Allowed]>([
    ['one of the roles is enough', onPages('help-desk'), ['owner', 'help-desk'], YES],
    ['another role is not', onPages('auditor', 'client-admin'), ['owner', 'help-desk'], no('role-missing')],
    ['an owner has no role but his own', onPages('owner'), ['auditor'], no('role-missing')],
    ['somebody without a role', onPages(), ['auditor'], no('role-missing')],
    ['a role of no list', onPages('root', 'Owner', 'owner '), [...ROLES], no('role-missing')],
    ['a verb of nobody', onPages(...ROLES), [], no('role-missing')],
    ['the machine itself', MACHINE, ['owner'], YES],
    ['a page that lost its visitor is not the machine', NOBODY, ['owner'], no('role-missing')],
    ['an account at the command line needs its role', { ...MACHINE, id: 'actor' }, ['owner'], no('role-missing')],
  ])('%s', (_when, actor, roles, expected) => expect(mayRun(actor, roles)).toEqual(expected))
})

describe('mayActOn', () => {
  test.each<[string, Actor, string, string[], Allowed]>([
    ['P-02: help desk on itself', onPages('help-desk'), 'actor', [], no('self')],
    ['P-02: help desk on an owner', onPages('help-desk'), 'target', ['owner'], no('above')],
    ['help desk on a client administrator', onPages('help-desk'), 'target', ['client-admin'], no('above')],
    ['help desk on an auditor', onPages('help-desk'), 'target', ['auditor'], no('above')],
    ['help desk on a colleague', onPages('help-desk'), 'target', ['help-desk'], no('above')],
    ['help desk on a role of a later version', onPages('help-desk'), 'target', ['root'], no('above')],
    ['help desk on a person without a role', onPages('help-desk'), 'target', [], YES],
    ['client administrator on an owner', onPages('client-admin'), 'target', ['owner'], no('above')],
    ['client administrator on help desk', onPages('client-admin'), 'target', ['help-desk'], no('above')],
    ['client administrator on a person without a role', onPages('client-admin'), 'target', [], YES],
    [
      'all roles but owner on help desk',
      onPages('client-admin', 'auditor', 'help-desk'),
      'target',
      ['help-desk'],
      no('above'),
    ],
    ['an owner on himself', onPages('owner'), 'actor', ['owner'], no('self')],
    ['an owner on another owner', onPages('owner'), 'target', ['owner'], YES],
    ['an owner on everybody else', onPages('owner'), 'target', ['client-admin', 'auditor', 'help-desk'], YES],
    ['the machine on an owner', MACHINE, 'target', ['owner'], YES],
    ['a page that lost its visitor on an owner', NOBODY, 'target', ['owner'], no('above')],
  ])('%s', (_when, actor, id, roles, expected) => expect(mayActOn(actor, { id, roles })).toEqual(expected))
})

describe('mayGive', () => {
  test.each<[string, Actor, string[], Allowed]>([
    ['no role at all', onPages('help-desk'), [], YES],
    [
      'ADM-02: the role that one has: one person could be two',
      onPages('help-desk'),
      ['help-desk'],
      no('role-not-held'),
    ],
    [
      'every role but owner, of whoever has them all',
      onPages('client-admin', 'auditor', 'help-desk'),
      ['auditor'],
      no('role-not-held'),
    ],
    ['a role of a later version', onPages('help-desk'), ['root'], no('role-not-held')],
    ['a higher one', onPages('help-desk'), ['owner'], no('role-not-held')],
    ['another one of the same weight', onPages('help-desk'), ['auditor'], no('role-not-held')],
    ['a higher one behind the own', onPages('help-desk'), ['help-desk', 'owner'], no('role-not-held')],
    ['an owner gives what he does not have', onPages('owner'), ['client-admin', 'auditor', 'help-desk'], YES],
    ['the machine makes the first owner', MACHINE, ['owner'], YES],
    ['a page that lost its visitor', NOBODY, ['owner'], no('role-not-held')],
  ])('%s', (_when, actor, roles, expected) => expect(mayGive(actor, roles)).toEqual(expected))
})
