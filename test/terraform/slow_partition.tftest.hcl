# Another partition has other ARNs, and its own domain names.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

run "names_services_and_resources_as_their_partition_does" {
  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
    aws_region          = "cn-north-1"
    stage               = "dev"
    auth_mode           = "jwt"
    jwt_issuer          = "https://id.example.com"
    jwt_audience        = ["mesh"]
    jwt_jwks_url        = "https://keys.example.com/v2?tenant=1"
    turn_urls           = ["turn:turn.example.com"]
    turn_secret_name    = "secretsmanager:turn"
    secrets_kms_key_arn = "arn:aws-cn:kms:cn-north-1:123456789012:key/00000000-0000-0000-0000-000000000001"
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-cn", dns_suffix = "amazonaws.com.cn" }
  }

  override_data {
    target = data.aws_region.current
    values = { id = "cn-north-1" }
  }

  assert {
    condition     = local.secret_arns == ["arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:turn-??????"]
    error_message = "The secret's ARN is ${jsonencode(local.secret_arns)}."
  }

  assert {
    condition     = toset(local.kms_services.ssm) == toset(["ssm.cn-north-1.amazonaws.com", "ssm.cn-north-1.amazonaws.com.cn"])
    error_message = "The services are ${jsonencode(local.kms_services)}."
  }

  assert {
    condition     = output.callback_endpoint == "https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/dev"
    error_message = "callback_endpoint is ${output.callback_endpoint}."
  }

  assert {
    condition     = aws_apigatewayv2_integration.function.integration_uri == "arn:aws-cn:apigateway:cn-north-1:lambda:path/2015-03-31/functions/arn:aws-cn:lambda:cn-north-1:123456789012:function:p2pmesh-signaling-dev:live/invocations"
    error_message = "The routes lead to ${aws_apigatewayv2_integration.function.integration_uri}."
  }

  assert {
    condition     = aws_lambda_function.signaling_server.environment[0].variables.JWT_JWKS_URL == "https://keys.example.com/v2?tenant=1"
    error_message = "The keys are taken from ${aws_lambda_function.signaling_server.environment[0].variables.JWT_JWKS_URL}."
  }
}
