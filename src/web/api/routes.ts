/**
 * Where each verb is in the API: one row for each. What a verb is given comes from the path, from the query (GET, DELETE)
 * or from the body (POST, PATCH); the version that was read comes as `If-Match`, and every verb that has one asks for it.
 */
import type { z } from 'zod'
import type { Verb } from '../../admin/verb.ts'
import { VERBS } from '../../admin/verbs.ts'
import type { AdminScope } from '../../client/scopes.ts'
import * as answers from './answers.ts'
import {
  CLIENT_CHANGE,
  CLIENT_DEFINITION,
  CLIENT_PREVIEW,
  RESOURCE_CHANGE,
  RESOURCE_DEFINITION,
  RESOURCE_PREVIEW,
} from './bodies.ts'
import * as campaignAnswers from './campaign-answers.ts'

export interface Row {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** `{name}` is an input of the verb. */
  path: string
  /** What it answers; of a list, one item. */
  answer: z.ZodType
  /** A list: the field of an item by which the next page is asked for, where the verb does not say it. */
  list?: string
  /** The body, where the verb's own input does not tell all of it. */
  body?: z.ZodObject
  /** A body of RFC 7396: null takes a field out, which the verb hears by this. */
  nothing?: 'unset' | 'empty'
  /** Makes something: 201, once for each `Idempotency-Key`, which is asked for or taken. */
  makes?: 'key-required' | 'key-taken'
  /** Where what was made is. */
  made?: (answer: Record<string, unknown>) => string
  /** Asks of a person what a sensitive verb asks: a second factor of the last five minutes. */
  fresh?: true
  /** Never for an application that acts for itself. */
  people?: true
  /** More of it changes than its version counts: it is answered whole whenever it is asked for. */
  lively?: true
  /** Bytes, where a text of a file is in the body. */
  most?: number
}

const A_FILE = 1024 * 1024
/** As base64, with what is around it. */
const A_PICTURE = 1.5 * A_FILE
const A_TABLE = 1.5 * A_FILE

export const ROWS: Record<string, Row> = {
  'client:list': { method: 'GET', path: '/clients', answer: answers.CLIENT_SUMMARY, list: 'client' },
  'client:add': {
    ...{ method: 'POST', path: '/clients', body: CLIENT_DEFINITION, answer: answers.CLIENT_MADE },
    makes: 'key-required',
    made: ({ client }) => `/clients/${client}`,
  },
  'client:show': { method: 'GET', path: '/clients/{client}', answer: answers.CLIENT },
  'client:change': {
    ...{ method: 'PATCH', path: '/clients/{client}', body: CLIENT_CHANGE, answer: answers.KEPT },
    nothing: 'unset',
  },
  // It may act as the application, so it is asked for by POST.
  'client:doctor': { method: 'POST', path: '/clients/{client}/doctor', answer: answers.EXAMINED, fresh: true },
  'client:delete': { method: 'DELETE', path: '/clients/{client}', answer: answers.KEPT },
  'client:disable': { method: 'POST', path: '/clients/{client}/disable', answer: answers.KEPT },
  'client:enable': { method: 'POST', path: '/clients/{client}/enable', answer: answers.KEPT },
  'client:preview': { method: 'POST', path: '/client-preview', body: CLIENT_PREVIEW, answer: answers.PREVIEW },
  'client:connect': { method: 'GET', path: '/clients/{client}/connection', answer: answers.CONNECTED },
  'client:versions': { method: 'GET', path: '/clients/{client}/versions', answer: answers.VERSION, list: 'version' },
  'client:sign-ins': { method: 'GET', path: '/clients/{client}/sign-ins', answer: answers.SIGN_INS },
  'client:restore': { method: 'POST', path: '/clients/{client}/restore', answer: answers.KEPT },
  'client:secret-add': {
    ...{ method: 'POST', path: '/clients/{client}/secrets', answer: answers.SECRET_MADE },
    makes: 'key-required',
  },
  'client:secret-remove': { method: 'DELETE', path: '/clients/{client}/secrets/{secret}', answer: answers.KEPT },
  'client:logo': { method: 'POST', path: '/clients/{client}/logo', answer: answers.KEPT, most: A_PICTURE },
  'client:remove-logo': { method: 'DELETE', path: '/clients/{client}/logo', answer: answers.KEPT },

  'resource:list': { method: 'GET', path: '/resources', answer: answers.RESOURCE_SUMMARY, list: 'resource' },
  'resource:add': {
    ...{ method: 'POST', path: '/resources', body: RESOURCE_DEFINITION, answer: answers.RESOURCE_MADE },
    makes: 'key-taken',
    made: ({ resource }) => `/resources/${encodeURIComponent(String(resource))}`,
  },
  'resource:show': { method: 'GET', path: '/resources/{resource}', answer: answers.RESOURCE },
  'resource:change': {
    ...{ method: 'PATCH', path: '/resources/{resource}', body: RESOURCE_CHANGE, answer: answers.KEPT },
    nothing: 'unset',
  },
  'resource:connect': {
    ...{ method: 'GET', path: '/resources/{resource}/connection', answer: answers.RESOURCE_CONNECTED },
  },
  'resource:preview': {
    ...{ method: 'POST', path: '/resource-preview', body: RESOURCE_PREVIEW, answer: answers.KEPT },
  },
  'resource:delete': { method: 'DELETE', path: '/resources/{resource}', answer: answers.KEPT },
  'resource:disable': { method: 'POST', path: '/resources/{resource}/disable', answer: answers.KEPT },
  'resource:enable': { method: 'POST', path: '/resources/{resource}/enable', answer: answers.KEPT },
  'resource:versions': {
    ...{ method: 'GET', path: '/resources/{resource}/versions', answer: answers.VERSION, list: 'version' },
  },
  'resource:restore': { method: 'POST', path: '/resources/{resource}/restore', answer: answers.KEPT },

  'approval:list': { method: 'GET', path: '/approvals', answer: answers.APPROVAL, list: 'id' },
  'approval:show': { method: 'GET', path: '/approvals/{approval}', answer: answers.APPROVAL },
  // The second person is a person.
  'approval:approve': {
    ...{ method: 'POST', path: '/approvals/{approval}/approve', answer: answers.DECISION, people: true },
  },
  'approval:decline': {
    ...{ method: 'POST', path: '/approvals/{approval}/decline', answer: answers.DECISION, people: true },
  },

  'clients:export': { method: 'GET', path: '/client-file', answer: answers.YAML },
  'clients:plan': { method: 'POST', path: '/client-file/plan', answer: answers.PLAN, most: A_FILE },
  'clients:apply': { method: 'POST', path: '/client-file/apply', answer: answers.PLAN, most: A_FILE },
  'clients:adopt': { method: 'POST', path: '/client-file/adopt', answer: answers.YAML },
  'clients:release': { method: 'POST', path: '/client-file/release', answer: answers.RELEASED },

  'organization:list': { method: 'GET', path: '/organizations', answer: answers.ORGANIZATION_SUMMARY, list: 'id' },
  'organization:add': {
    ...{ method: 'POST', path: '/organizations', answer: answers.ORGANIZATION_MADE },
    makes: 'key-taken',
    made: ({ id }) => `/organizations/${id}`,
  },
  'organization:show': { method: 'GET', path: '/organizations/{organization}', answer: answers.ORGANIZATION },
  'organization:change': {
    ...{ method: 'PATCH', path: '/organizations/{organization}', answer: answers.ORGANIZATION_CHANGED },
    nothing: 'empty',
  },
  'organization:disable': {
    ...{ method: 'POST', path: '/organizations/{organization}/disable', answer: answers.STATUS },
  },
  'organization:enable': { method: 'POST', path: '/organizations/{organization}/enable', answer: answers.STATUS },
  'organization:merge': { method: 'POST', path: '/organizations/{organization}/merge', answer: answers.MERGED },

  'campaign:show': { method: 'GET', path: '/campaign', answer: campaignAnswers.CAMPAIGN },
  'campaign:list': {
    ...{ method: 'GET', path: '/campaign/organizations', answer: campaignAnswers.CAMPAIGN_ORGANIZATION, list: 'id' },
  },
  'campaign:preview': { method: 'GET', path: '/campaign/preview', answer: campaignAnswers.CAMPAIGN_PREVIEW },
  'campaign:dates': { method: 'POST', path: '/campaign/dates', answer: campaignAnswers.CAMPAIGN_DATES },
  'campaign:texts': { method: 'GET', path: '/campaign/texts', answer: campaignAnswers.CAMPAIGN_TEXTS },
  'people:plan': { method: 'POST', path: '/people-file/plan', answer: answers.PEOPLE_PLAN, most: A_FILE },
  'people:apply': { method: 'POST', path: '/people-file/apply', answer: answers.PEOPLE_APPLIED, most: A_FILE },
  'people:forget': { method: 'POST', path: '/people-file/forget', answer: answers.PEOPLE_FORGOTTEN },
  'migration:status': { method: 'GET', path: '/migration', answer: answers.MIGRATION, list: 'source' },

  'person:list': { method: 'GET', path: '/people', answer: answers.PERSON_LISTED, list: 'id' },
  'person:find': { method: 'GET', path: '/people-search', answer: answers.PERSON_SUMMARY, list: 'id' },
  'people:export': { method: 'GET', path: '/people-file', answer: answers.FILE },
  'person:invite': {
    ...{ method: 'POST', path: '/people', answer: answers.INVITED },
    makes: 'key-taken',
    made: ({ id }) => `/people/${id}`,
  },
  'person:show': { method: 'GET', path: '/people/{person}', answer: answers.PERSON, lively: true },
  'person:sign-out': { method: 'POST', path: '/people/{person}/sign-out', answer: answers.SIGNED_OUT },
  'person:move': { method: 'POST', path: '/people/{person}/move', answer: answers.MOVED },
  'person:change': {
    ...{ method: 'PATCH', path: '/people/{person}', answer: answers.PERSON_CHANGED },
    nothing: 'empty',
  },
  'person:change-email': { method: 'POST', path: '/people/{person}/email', answer: answers.EMAIL_CHANGED },
  'person:change-roles': { method: 'POST', path: '/people/{person}/roles', answer: answers.ROLES_CHANGED },
  'person:extend': { method: 'POST', path: '/people/{person}/more-time', answer: answers.EXTENDED },
  'person:disable': { method: 'POST', path: '/people/{person}/disable', answer: answers.STATUS },
  'person:enable': { method: 'POST', path: '/people/{person}/enable', answer: answers.STATUS },
  'person:resend-activation': {
    ...{ method: 'POST', path: '/people/{person}/resend-activation', answer: answers.RESENT },
  },
  // It is told to the person: no matter of looking.
  'person:export': { method: 'POST', path: '/people/{person}/export', answer: answers.PERSON_DATA },
  'person:delete': { method: 'DELETE', path: '/people/{person}', answer: answers.ERASED },

  'invitations:plan': { method: 'POST', path: '/invitation-plan', answer: answers.INVITATION_PLAN, most: A_TABLE },
  'invitations:send': { method: 'POST', path: '/invitations', answer: answers.INVITATIONS_SENT, most: A_TABLE },
  'invitations:list': { method: 'GET', path: '/invitations', answer: answers.INVITATIONS, list: 'round' },
  'invitations:show': { method: 'GET', path: '/invitations/{round}', answer: answers.INVITATIONS },
  'invitations:absent': { method: 'GET', path: '/invitations/{round}/absent', answer: answers.ABSENT, list: 'id' },
  'invitations:resend': { method: 'POST', path: '/invitations/{round}/resend', answer: answers.INVITATIONS_DUE },
  'invitations:withdraw': {
    method: 'POST',
    path: '/invitations/{round}/withdraw',
    answer: answers.INVITATIONS_WITHDRAWN,
  },

  // A case is decided by somebody who has made sure who the person is (ADM-03): no application can.
  'case:list': { method: 'GET', path: '/cases', answer: answers.CASE_SUMMARY, list: 'number', people: true },
  'case:show': { method: 'GET', path: '/cases/{number}', answer: answers.CASE, people: true },
  'case:decide': { method: 'POST', path: '/cases/{number}/decide', answer: answers.DECIDED, people: true },

  'audit:list': { method: 'GET', path: '/audit', answer: answers.AUDIT_RECORD, list: 'id' },
  'audit:export': { method: 'GET', path: '/audit/export', answer: answers.FILE },
  'audit:verify': { method: 'GET', path: '/audit/verification', answer: answers.VERIFIED },

  'delivery:list': { method: 'GET', path: '/deliveries', answer: answers.DELIVERY, list: 'id' },
  'delivery:retry': { method: 'POST', path: '/deliveries/{id}/retry', answer: answers.RETRIED },
  'key:list': { method: 'GET', path: '/keys', answer: answers.KEY, list: 'kid' },
  'key:rotate': { method: 'POST', path: '/keys/rotate', answer: answers.ROTATED },
}

/** What a token needs for the verbs of a noun. */
const SCOPES: Record<string, AdminScope> = {
  client: 'admin:clients',
  clients: 'admin:clients',
  approval: 'admin:clients',
  resource: 'admin:clients',
  organization: 'admin:organizations',
  campaign: 'admin:organizations',
  person: 'admin:people',
  invitations: 'admin:people',
  people: 'admin:people',
  migration: 'admin:people',
  case: 'admin:people',
  audit: 'admin:audit',
  delivery: 'admin:operations',
  key: 'admin:operations',
}

export interface Route extends Row {
  verb: Verb
  scope: AdminScope
  /** Inputs that are in the path. */
  named: string[]
  /** It changes what is there over the version that was read. */
  versioned: boolean
}

/** A verb without a row is at no address; that there is none, a test says. */
export const ROUTES: Route[] = VERBS.flatMap((verb) => {
  const row = ROWS[verb.name]
  const scope = SCOPES[verb.name.split(':')[0] ?? '']
  if (!row || !scope) return []
  const named = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  return [{ ...row, verb, scope, named, versioned: verb.sensitive && 'version' in verb.input.shape }]
})
