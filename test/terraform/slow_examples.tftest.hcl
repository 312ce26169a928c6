# The module in other configurations: those in examples/, planned whole.

mock_provider "aws" {
  source = "./test/terraform/fixtures"
}

mock_provider "aws" {
  alias  = "america"
  source = "./test/terraform/fixtures"
}

mock_provider "aws" {
  alias  = "europe"
  source = "./test/terraform/fixtures"
}

run "minimal_plans_one_deployment" {
  command = plan

  module {
    source = "./examples/minimal"
  }
}

run "two_regions_plans_three_deployments" {
  command = plan

  module {
    source = "./examples/two-regions"
  }

  providers = {
    aws.america = aws.america
    aws.europe  = aws.europe
  }
}

run "production_plans_everything_that_can_be_switched_on" {
  command = plan

  module {
    source = "./examples/production"
  }

  variables {
    route53_zone_id = "Z0123456789ABCDEFGHIJ"
  }

  override_data {
    target = data.aws_availability_zones.available
    values = { names = ["us-east-1a", "us-east-1b"] }
  }
}

run "refuses_a_provider_of_another_region" {
  command = plan

  module {
    source = "./modules/signaling"
  }

  variables {
    lambda_package_path = "test/terraform/fixtures/lambda.zip"
  }

  override_data {
    target = data.aws_region.current
    values = { id = "eu-central-1" }
  }

  expect_failures = [aws_apigatewayv2_api.signaling]
}
