export { assertPath, assertServiceName } from './names.ts'
