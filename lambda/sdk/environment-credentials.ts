/**
 * Stands in the bundle for `@aws-sdk/credential-provider-node`, the SDK's search for credentials in ten places (scripts/build.mjs).
 * Lambda puts the role's credentials into the environment:
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
