export { askApplications, type Asked } from './ask-applications.ts'
export { stopApplications, type ToStop } from './shutdown.ts'
