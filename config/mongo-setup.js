/**
 * Makes the three MongoDB servers one replica set and creates its users: the administrator, the product, and who makes
 * back-ups. Run by mongosh at every `up`; does what is missing, and gives the last two the passwords of now. Each password
 * is a variable, or in the file that `<name>_FILE` names.
 *
 * It has to call from the first server's own machine: as long as there is no user at all, MongoDB lets nobody else in
 * («localhost exception»), and creating the first user ends that for good.
 */
const { readFileSync } = require('node:fs')

function secret(name) {
  const value = process.env[name] || readFileSync(process.env[`${name}_FILE`], 'utf8').replace(/\r?\n$/, '')
  if (value === '') throw new Error(`${name} is empty`)
  return value
}

const adminPassword = secret('SIGMA_MONGODB_ADMIN_PASSWORD')
const admin = connect('mongodb://127.0.0.1:27017/admin?directConnection=true')

/** The first server is preferred as primary, so that it is the one on which users can be created. */
const members = ['mongo-1', 'mongo-2', 'mongo-3'].map((name, index) => ({
  _id: index,
  host: `${name}:27017`,
  priority: index === 0 ? 2 : 1,
}))

function isKnown() {
  try {
    admin.auth('admin', adminPassword)
    return true
  } catch {
    return false
  }
}

function isInitiated() {
  try {
    admin.adminCommand({ replSetGetStatus: 1 })
    return true
  } catch (error) {
    if (error.codeName === 'NotYetInitialized') return false
    throw error
  }
}

function waitForPrimary() {
  for (let tries = 0; tries < 120; tries += 1) {
    if (admin.hello().isWritablePrimary) return
    sleep(500)
  }
  throw new Error('mongo-1 did not become primary within a minute')
}

const known = isKnown()
if (!isInitiated()) admin.adminCommand({ replSetInitiate: { _id: 'sigma', members } })
waitForPrimary()
if (!known) {
  admin.createUser({ user: 'admin', pwd: adminPassword, roles: ['root'] })
  admin.auth('admin', adminPassword)
}

function ensureUser(database, user, pwd, roles) {
  if (database.getUser(user)) database.changeUserPassword(user, pwd)
  else database.createUser({ user, pwd, roles })
}

// May read and write its own database, and nothing else.
ensureUser(admin.getSiblingDB('sigma-id'), 'sigma', secret('SIGMA_MONGODB_PASSWORD'), ['readWrite'])
// May read everything for a dump, the log of changes too, and write nothing.
ensureUser(admin, 'sigma-backup', secret('SIGMA_MONGODB_BACKUP_PASSWORD'), ['backup'])
