import tseslint from 'typescript-eslint'

const printing = {
  selector: "MemberExpression[object.name='process'][property.name=/^(exit|stdout|stderr)$/]",
  message: 'Only src/cli prints and exits; the library reports by events and errors',
}
const procReading = {
  selector: ':matches(Literal[value=/^\\u002Fproc\\b/], TemplateElement[value.raw=/^\\u002Fproc\\b/])',
  message: 'Only src/linux reads /proc',
}

export default tseslint.config(
  { ignores: ['dist', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: { allowDefaultProject: ['*.js', '.*.cjs'] } } },
    rules: {
      'no-console': 'error',
      // An async function without await still turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', printing, procReading],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  { files: ['src/linux/**'], rules: { 'no-restricted-syntax': ['error', printing] } },
  { files: ['src/cli/**'], rules: { 'no-restricted-syntax': ['error', procReading] } },
  {
    files: ['test/**', 'bench/**', 'examples/**'],
    rules: {
      'no-console': 'off',
      'no-restricted-syntax': 'off',
      // node:test's describe and it answer promises that nobody awaits.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'suite'] },
          ],
        },
      ],
    },
  },
  { files: ['*.js', '.*.cjs'], ...tseslint.configs.disableTypeChecked },
)
