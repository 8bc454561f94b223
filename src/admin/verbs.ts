/** The list of everything that can be administered. A new verb is one object in a file beside this one, and its name here. */
import { approveChange, declineChange, listApprovals, showApproval } from './approvals.ts'
import { listCampaign, previewDates, setDates, showCampaign, showTexts } from './campaign.ts'
import { decideCase, listCases, showCase } from './cases.ts'
import { adoptClient, applyClients, exportClients, planClients, releaseClient } from './client-file.ts'
import { removeClientLogo, setClientLogo } from './client-logo.ts'
import { listClients, listVersions, previewClient, showClient } from './client-looks.ts'
import { addClientSecret, removeClientSecret } from './client-secrets.ts'
import { listClientSignIns } from './client-sign-ins.ts'
import { addClient, changeClient, deleteClient, disableClient, enableClient, restoreClient } from './clients.ts'
import { connectClient, connectResource } from './connect.ts'
import { listDeliveries, retryDelivery } from './deliveries.ts'
import { examineClient } from './doctor.ts'
import { applyPeople, forgetPeople, migrationStatus, planPeople } from './import.ts'
import {
  listAbsent,
  listInvitations,
  planInvitations,
  resendInvitations,
  sendInvitations,
  showInvitations,
  withdrawInvitations,
} from './invitations.ts'
import { listKeys, rotateKeys } from './keys.ts'
import { deletePerson, disablePerson, enablePerson, exportPerson, resendActivation, signOutPerson } from './life.ts'
import { movePerson } from './move.ts'
import {
  addOrganization,
  changeOrganization,
  disableOrganization,
  enableOrganization,
  listOrganizations,
  mergeOrganizations,
  showOrganization,
} from './organizations.ts'
import { findPeople, invitePerson, showPerson } from './people.ts'
import { exportPeople, listPeople } from './people-list.ts'
import { changeEmailOfPerson, changePerson, changeRolesOfPerson, extendPerson } from './person-changes.ts'
import {
  addResource,
  changeResource,
  deleteResource,
  disableResource,
  enableResource,
  listResources,
  listResourceVersions,
  previewResource,
  restoreResource,
  showResource,
} from './resources.ts'
import { exportAudit, listAudit, verifyAudit } from './trail.ts'
import type { Verb } from './verb.ts'

export const VERBS: Verb[] = [
  invitePerson,
  findPeople,
  listPeople,
  exportPeople,
  showPerson,
  signOutPerson,
  disablePerson,
  enablePerson,
  resendActivation,
  movePerson,
  changePerson,
  changeEmailOfPerson,
  changeRolesOfPerson,
  extendPerson,
  exportPerson,
  deletePerson,
  planInvitations,
  sendInvitations,
  listInvitations,
  showInvitations,
  listAbsent,
  resendInvitations,
  withdrawInvitations,
  planPeople,
  applyPeople,
  forgetPeople,
  migrationStatus,
  listCases,
  showCase,
  decideCase,
  addClient,
  listClients,
  showClient,
  previewClient,
  changeClient,
  examineClient,
  disableClient,
  enableClient,
  deleteClient,
  listVersions,
  listClientSignIns,
  restoreClient,
  addClientSecret,
  removeClientSecret,
  setClientLogo,
  removeClientLogo,
  connectClient,
  addResource,
  listResources,
  showResource,
  previewResource,
  changeResource,
  disableResource,
  enableResource,
  deleteResource,
  listResourceVersions,
  restoreResource,
  connectResource,
  planClients,
  applyClients,
  exportClients,
  adoptClient,
  releaseClient,
  listApprovals,
  showApproval,
  approveChange,
  declineChange,
  addOrganization,
  listOrganizations,
  showOrganization,
  changeOrganization,
  disableOrganization,
  enableOrganization,
  mergeOrganizations,
  showCampaign,
  listCampaign,
  previewDates,
  setDates,
  showTexts,
  listAudit,
  exportAudit,
  verifyAudit,
  listDeliveries,
  retryDelivery,
  listKeys,
  rotateKeys,
]
